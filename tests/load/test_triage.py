"""The measuring tool measures. What it finds is not for a test: that differs by machine and moment."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.load.process import ROOT

SMALL = ("--rounds", "1", "--requests", "36", "--connections", "4")


@pytest.mark.slow
def test_a_measurement_succeeds_whatever_it_finds() -> None:
    """Both answer all, without and with a pace, and no turn is lost."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.triage", *SMALL], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["ratios"]) == 1
    assert all(each > 0 for each in found["microseconds"].values())
    assert {name: len(rounds) for name, rounds in found["at_half"].items()} == {"ours": 1, "bare": 1}
