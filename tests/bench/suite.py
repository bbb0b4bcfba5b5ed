"""
Durations of the test suite by area: `python -m tests.bench.suite [JUNIT] [--json] [--top N]`.

Without a file it runs the fast suite, in parallel, and reads what that run measured. An area is the first two folders
of tests/. The seconds are those of a wall clock, summed over all processes: compare them with each other, not with
another machine's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).resolve().parents[2]
SUITE = ("-m", "fast", "-n", "auto", "--dist", "loadscope", "--no-loadscope-reorder", "--quiet")
TOP = 20
# Argument parsers end with it too.
USAGE = 2


class Unreadable(Exception):  # noqa: N818 - a state, not a fault
    """A file that is missing or is no JUnit report."""


@dataclass(frozen=True)
class Case:
    """A test: its class or module with dots, its name, and its seconds, set-up and tear-down included."""

    module: str
    name: str
    seconds: float

    @property
    def area(self) -> str:
        """The first two folders of tests/, or the one that there is."""
        _, *folders = [part for part in self.module.split(".") if not part.startswith("test_") and part.islower()]
        return "/".join(folders[:2]) or "."


def read(path: Path) -> list[Case]:
    """Return the tests of the JUnit report `path`; raise Unreadable where it is none."""
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - written by pytest on this machine
        if root.tag not in {"testsuites", "testsuite"}:
            message = f"{path} is not a JUnit report: its root is <{root.tag}>."
            raise Unreadable(message)
        return [
            Case(case.attrib["classname"], case.attrib["name"], float(case.attrib["time"]))
            for case in root.iter("testcase")
            # A failing tear-down is a case of its own, without its module.
            if case.attrib.get("classname")
        ]
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise Unreadable(message) from None
    except (ET.ParseError, KeyError, ValueError) as error:
        message = f"{path} is not a JUnit report: {type(error).__name__}, {error}."
        raise Unreadable(message) from None


def measure() -> list[Case]:
    """Run the fast suite and return its tests, whether they passed or not."""
    with tempfile.TemporaryDirectory(prefix="carepath-suite-") as folder:
        report = Path(folder) / "junit.xml"
        command = [sys.executable, "-m", "pytest", *SUITE, f"--junitxml={report}"]
        subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False)
        return read(report)


def summary(cases: Iterable[Case]) -> list[tuple[str, int, float]]:
    """Return area, number of tests and seconds of each area, the slowest first."""
    areas: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        areas[case.area].append(case.seconds)
    return sorted(((area, len(times), sum(times)) for area, times in areas.items()), key=lambda row: -row[2])


def slowest(cases: Iterable[Case], most: int) -> list[Case]:
    return sorted(cases, key=lambda case: -case.seconds)[:most]


def table(cases: Sequence[Case], most: int) -> str:
    """Return the areas and the slowest tests as lines of text."""
    areas = summary(cases)
    total = sum(seconds for *_, seconds in areas)
    width = max((len(area) for area, *_ in areas), default=0)
    lines = [f"{'area':<{width}}{'tests':>8}{'seconds':>10}{'share':>8}"]
    lines += [
        f"{area:<{width}}{count:>8}{seconds:>10.1f}{seconds / (total or 1):>8.0%}" for area, count, seconds in areas
    ]
    lines += [f"{'all':<{width}}{len(cases):>8}{total:>10.1f}{1:>8.0%}"]
    if most:
        lines += ["", f"The slowest {min(most, len(cases))}:"]
        lines += [f"{case.seconds:>8.1f} s  {case.module}::{case.name}" for case in slowest(cases, most)]
    return "\n".join(lines)


def document(cases: Sequence[Case], most: int) -> dict[str, object]:
    """Return what `table` shows, for programs."""
    areas = [{"area": area, "tests": count, "seconds": round(seconds, 3)} for area, count, seconds in summary(cases)]
    return {
        "tests": len(cases),
        "seconds": round(sum(case.seconds for case in cases), 3),
        "areas": areas,
        "slowest": [{"test": f"{case.module}::{case.name}", "seconds": case.seconds} for case in slowest(cases, most)],
    }


def count(text: str) -> int:
    """Return the number of tests that `text` asks for; raise ValueError, which ends with usage, where it is none."""
    if (number := int(text)) < 0:
        raise ValueError(text)
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Print the durations; return 0, or 2 where there is no report to read."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.suite",
        description=__doc__,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "junit", nargs="?", type=Path, help="a report of `pytest --junitxml`; without it the suite runs"
    )
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--top", type=count, default=TOP, metavar="N", help=f"how many of the slowest tests ({TOP})")
    arguments = parser.parse_args(argv)
    try:
        cases = read(arguments.junit) if arguments.junit else measure()
    except Unreadable as error:
        sys.stderr.write(f"{error} Name a file that `pytest --junitxml=FILE` wrote.\n")
        return USAGE
    if arguments.json:
        sys.stdout.write(json.dumps(document(cases, arguments.top), indent=2) + "\n")
    else:
        sys.stdout.write(table(cases, arguments.top) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
