"""The program as a whole, interrupted at its beginning and at its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# What Python runs before the program: it signals this very process once the program imports a module.
IMPORTING = """
import os, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), {number:d})

sys.meta_path.insert(0, Finder())
"""
# atexit calls the first one registered last.
ENDING = "import atexit, os\natexit.register(os.kill, os.getpid(), {number:d})\n"
# A module of each kind that is loaded, and each signal.
LOADED = [
    ("cyclopts", signal.SIGINT),
    *(
        pytest.param(module, number, marks=pytest.mark.slow)
        for module, number in [
            ("anyio", signal.SIGTERM),
            ("ci.settings", signal.SIGHUP),
            ("pydantic", signal.SIGINT),
            ("ci.process.interrupts", signal.SIGINT),
            ("ci.process.interrupts", signal.SIGTERM),
            ("rich.console", signal.SIGINT),
        ]
    ),
]


def ran(folder: Path, first: str) -> subprocess.CompletedProcess[str]:
    """Run `smoke`, which ends with 3 where nobody is logged in, after the Python code FIRST."""
    (folder / "sitecustomize.py").write_text(first)
    return subprocess.run(
        [sys.executable, "ci/main.py", "smoke"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(("module", "number"), LOADED)
def test_interrupt_while_the_program_is_loaded_is_told(tmp_path: Path, module: str, number: signal.Signals) -> None:
    """Ctrl-C within the first second: one sentence, exit code 130, no traceback."""
    done = ran(tmp_path, IMPORTING.format(module=module, number=number))

    told = done.stdout + done.stderr
    assert done.returncode == 130
    assert told.count("Stopped before the end, as asked.") == 1
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, *(pytest.param(number, marks=pytest.mark.slow) for number in (signal.SIGTERM, signal.SIGHUP))],
)
def test_interrupt_at_the_very_end_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """When all has been told, the exit code is that of what was told."""
    done = ran(tmp_path, ENDING.format(number=number))

    assert done.returncode == 3
    assert "There are no AWS credentials." in done.stdout
    assert "Traceback" not in done.stderr
