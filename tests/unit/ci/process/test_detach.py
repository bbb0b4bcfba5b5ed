"""Outliving `dagger run`: the real work goes on in a process that it does not know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.process.detach import PORT, TOKEN, detached
from ci.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import os, sys
from ci.process.detach import detached
if (code := detached()) is not None:
    sys.exit(code)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Make a program that detaches itself; a test says what the detached one does."""
    path = tmp_path / "program.py"
    path.write_text(SCRIPT)
    os.mkfifo(tmp_path / "runs")
    return path


def started(script: Path, worker: str) -> subprocess.Popen[str]:
    """Start SCRIPT under a `dagger run`; detached, it does WORKER."""
    script.write_text(SCRIPT + worker)
    return subprocess.Popen(
        [sys.executable, str(script), "an argument"],
        cwd=script.parent,
        env={**os.environ, PORT: "1", TOKEN: "planted", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_without_dagger_run_nothing_is_started() -> None:
    """A plain command is its own process."""
    assert detached() is None


@pytest.mark.parametrize(("ending", "code"), [("sys.exit(7)", 7), ("os.kill(os.getpid(), 9)", 137), ("", 0)])
def test_exit_code_is_the_workers(script: Path, ending: str, code: int) -> None:
    """A failure stays the failure it was, also when the worker was killed."""
    with started(script, ending) as process:
        assert process.wait(20) == code


def test_worker_knows_nothing_of_the_surrounding_session(script: Path) -> None:
    """It gets the same arguments, and neither the session nor the terminal's signals."""
    worker = f"print(sys.argv[1], {PORT!r} in os.environ, {TOKEN!r} in os.environ, os.getsid(0))"

    with started(script, worker) as process:
        told, _ = process.communicate(timeout=20)

    *words, session = told.split()
    assert words == ["an", "argument", "False", "False"]
    assert int(session) != os.getsid(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_handed_on(script: Path, number: signal.Signals) -> None:
    """Ctrl-C, or a terminal that is gone, asks the worker to stop, in its own time, and its answer counts."""
    worker = f"""
import signal
signal.signal({int(number)}, lambda *_: sys.exit(130))
open("runs", "w").close()
signal.pause()
"""

    with started(script, worker) as process:
        (script.parent / "runs").read_text()
        process.send_signal(number)

        assert process.wait(20) == 130
