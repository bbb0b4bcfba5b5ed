"""What the whole-deploy tests share."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkout import copy_checkout

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the working tree, so that a rehearsal keeps nothing in it."""
    return copy_checkout(tmp_path_factory.mktemp("checkout") / "carepath")


@pytest.fixture(scope="module")
def engine() -> None:
    """Skip all of this where the doctor finds no engine, with what it says."""
    done = subprocess.run(
        [sys.executable, "ci/main.py", "doctor", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = next(each for each in json.loads(done.stdout)["findings"] if each["name"] == "dagger engine")
    if not found["ok"]:
        pytest.skip(f"no Dagger engine: {found['result']}")
