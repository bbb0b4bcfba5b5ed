"""The program: it runs from anywhere, and answers at once where nothing is to be done."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from ci.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# What an answer at once may load: the parser with what it is built on, the command line, and what runs a command.
PARSER = {"attr", "attrs", "cyclopts", "docstring_parser", "rich"}
OURS = {
    *("ci", "ci.cli", "ci.cli.app", "ci.cli.options", "ci.cli.prompt", "ci.cli.runner", "ci.cli.wanted", "ci.errors"),
    *("ci.process", "ci.process.detach", "ci.process.reexec", "ci.process.signals", "ci.process.streams"),
    *("ci.terraform", "ci.terraform.approval"),
}
# Python's own, each of which takes longer than all of the above of ours.
SLOW = {"asyncio", "concurrent.futures", "email", "http", "importlib.metadata", "logging", "socket", "ssl", "tomllib"}


def loaded(*command: str) -> set[str]:
    """Return the names of all modules that Python loads for COMMAND."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize(
    "words",
    [
        ["deplyo"],
        *(
            pytest.param(words, marks=pytest.mark.slow)
            for words in (["--help"], ["rehearse", "--help"], [], ["deploy", "--servise", "x"])
        ),
    ],
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    """Help and what is misspelt are answered at once: for them neither engine, cloud nor settings are loaded."""
    found = loaded("ci/main.py", *words) - loaded("-c", "pass")

    assert {name for name in found if name.split(".")[0] == "ci"} == OURS
    foreign = {name.split(".")[0] for name in found} - set(sys.stdlib_module_names) - {"ci"}
    # What is listed was looked for, and need not be there.
    assert {name for name in foreign if find_spec(name)} <= PARSER
    assert found & SLOW == set()


def test_program_runs_as_a_script_from_anywhere(tmp_path: Path) -> None:
    """`python …/ci/main.py` needs neither a package nor a folder to be in."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "ci/main.py"), "deplyo"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert '"deploy"' in done.stderr
