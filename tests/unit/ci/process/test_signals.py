"""The signals that ask a run to stop, in programs of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from ci.process.signals import asking, heard
from ci.settings import ROOT

ALL = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def program(code: str) -> subprocess.CompletedProcess[str]:
    """Run the Python CODE, which knows our module as `signals`."""
    start = "import os, signal\nfrom ci.process import signals\n"
    return subprocess.run(
        [sys.executable, "-c", start + code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


@pytest.mark.parametrize("number", ALL, ids=lambda number: number.name)
def test_before_anything_has_begun_a_signal_ends_the_program_with_a_sentence(number: signal.Signals) -> None:
    """Exit code 130 and no traceback; what is being cleaned up is."""
    code = f"signals.leave_when_asked()\ntry: os.kill(os.getpid(), {number:d})\nfinally: print('cleaned')"

    done = program(code)

    assert done.returncode == 130
    assert done.stdout == "cleaned\n"
    assert done.stderr == "Stopped before the end, as asked.\n"


@pytest.mark.parametrize("number", ALL, ids=lambda number: number.name)
def test_when_all_is_told_a_signal_changes_nothing(number: signal.Signals) -> None:
    """One more Ctrl-C at the very end leaves the exit code as it is, until the process is gone."""
    ending = f"import atexit\natexit.register(os.kill, os.getpid(), {number:d})\nsignals.ignore()\nraise SystemExit(7)"

    done = program(ending)

    assert (done.returncode, done.stderr) == (7, "")


def test_under_nohup_the_end_of_the_terminal_is_not_heard() -> None:
    """Who starts a run with `nohup` wants it to outlive the terminal."""
    code = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nsignals.leave_when_asked()\nos.kill(os.getpid(), 1)"

    assert program(code).returncode == 0


def test_what_was_done_before_is_done_afterwards() -> None:
    """A block that listens leaves no trace, also when it fails."""
    before = [signal.getsignal(number) for number in ALL]
    told: list[int] = []

    def fail() -> None:
        with heard(lambda number, _: told.append(number)):
            for number in asking():
                os.kill(os.getpid(), number)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert told == asking()
    assert [signal.getsignal(number) for number in ALL] == before
