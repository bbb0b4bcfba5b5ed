"""What it takes to compare is said before anything is thrown away. What it finds differs by machine and moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("docker", "dagger", "terraform")


@pytest.mark.slow
@pytest.mark.parametrize("missing", COMMANDS)
def test_comparison_without_a_program_names_it_and_runs_nothing_else(tmp_path: Path, missing: str) -> None:
    """Each of the three is asked whether it works, and no cache is emptied before all do."""
    asked = tmp_path / "asked"
    for name in COMMANDS:
        script = tmp_path / name
        script.write_text(f'#!/bin/sh\necho "{name} $@" >> {asked}\n{"exit 1" if name == missing else ""}\n')
        script.chmod(0o755)

    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.pipeline"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"Nothing was measured. `{missing} ")
    assert done.stdout == ""
    assert all(each.endswith("version") for each in asked.read_text().splitlines())
