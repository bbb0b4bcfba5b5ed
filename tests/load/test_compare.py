"""The measuring tool measures. What it finds is not for a test: that differs by machine and moment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.load.process import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ("--patients", "60", "--requests", "20", "--rounds", "1")


def compare(cache: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run the tool with FLAGS, which keeps what it loads in CACHE."""
    command = [sys.executable, "-m", "tests.load.compare", "--cache", str(cache), *SMALL, *flags]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_unknown_commit_is_told_in_a_sentence(tmp_path: Path) -> None:
    """Nothing is loaded for what cannot be measured."""
    done = compare(tmp_path, "--against", "no-such-commit")

    assert done.returncode == 1
    assert done.stderr == "Nothing was measured. git knows no commit 'no-such-commit'.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_measurement_succeeds_whatever_it_finds(tmp_path: Path) -> None:
    """Both answer the same bytes, each route has its numbers, and the patients stay for the next time."""
    done = compare(tmp_path, "--json")

    assert done.returncode == 0, done.stderr
    routes = json.loads(done.stdout)["routes"]
    assert [each["route"] for each in routes] == ["single patient", "list of 50", "summary"]
    for each in routes:
        assert {name: len(values) for name, values in each["microseconds"].items()} == {"ours": 1, "bare": 1}
    assert len(list(tmp_path.iterdir())) == 1
