"""Suites: every test is in exactly one, and the Make targets and sessions run each of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import conftest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = """
import pytest

def test_unmarked(): pass

@pytest.mark.slow
def test_marked(): pass

@pytest.mark.parametrize("row", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_table(row): pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a project with the suites of this one, and `SAMPLE` as its tests."""
    pytester.makeconftest(Path(conftest.__file__).read_text())
    markers = "\n".join(f"    {name}: x" for name in conftest.SUITES)
    pytester.makeini(f"[pytest]\naddopts = --strict-markers -p no:randomly\nmarkers =\n{markers}\n")
    pytester.makepyfile(SAMPLE)
    return pytester


def collected(project: pytest.Pytester, expression: str) -> list[str]:
    result = project.runpytest_inprocess("--collect-only", "-q", "-m", expression)
    return [line.rpartition("::")[2] for line in result.outlines if "::" in line]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("fast", ["test_unmarked", "test_table[1]"]),
        ("slow", ["test_marked", "test_table[2]"]),
        (" and ".join(f"not {name}" for name in conftest.SUITES), []),
    ],
    ids=["fast", "slow", "neither"],
)
def test_marker_selects_suite(project: pytest.Pytester, expression: str, expected: list[str]) -> None:
    assert collected(project, expression) == expected


def test_test_in_two_suites_is_refused(project: pytest.Pytester) -> None:
    project.makepyfile(test_two="import pytest\n\n@pytest.mark.slow\n@pytest.mark.engine\ndef test_both(): pass\n")

    result = project.runpytest_inprocess("--collect-only")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_both*"])


@pytest.mark.parametrize("suite", conftest.SUITES)
def test_suite_has_command_that_runs_it(suite: str) -> None:
    """A marker that no command selects would hide its tests."""
    command = conftest.SUITES[suite]
    session = command.removeprefix("nox -s ")
    if command.startswith("make "):
        target = re.search(rf"^{command.removeprefix('make ')}:.*\n\t@\$\(NOX\) -s ([\w-]+)$", makefile(), re.MULTILINE)
        assert target, command
        session = target[1]
    body = noxfile().partition(f"def {session.replace('-', '_')}(")[2].partition("\n\n\n")[0]
    assert re.search(rf'"-m", "{suite}"', body), body


def makefile() -> str:
    return (ROOT / "Makefile").read_text()


def noxfile() -> str:
    return (ROOT / "noxfile.py").read_text()
