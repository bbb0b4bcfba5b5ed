"""What the whole-deploy tests share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the working tree, so that a rehearsal keeps nothing in it."""
    copy = tmp_path_factory.mktemp("checkout") / "carepath"
    unwanted = shutil.ignore_patterns(".git", ".venv*", ".carepath", ".nox", "*_cache", "__pycache__", ".hypothesis")
    shutil.copytree(ROOT, copy, symlinks=True, ignore=unwanted)
    return copy
