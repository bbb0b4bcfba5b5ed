"""A program under guard ends when told, when the one who started it ends, and on its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

GUARD = Path(__file__).with_name("guard.py")
SLEEP = "echo $$; exec sleep 600"
DEAF = "trap '' TERM; echo $$; while :; do sleep 600 & wait $!; done"


@contextlib.contextmanager
def guarded(script: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the shell's SCRIPT, which prints its process id first, under guard; yield the guard and that id."""
    command = [sys.executable, str(GUARD), "0.2", "sh", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


@pytest.mark.parametrize(("script", "status"), [(SLEEP, 15), (DEAF, 9)], ids=["heeds", "does not heed"])
def test_it_ends_with_the_input(script: str, status: int) -> None:
    """The pipe closes with its owner, killed or not; a program that does not heed the first signal is killed."""
    with guarded(script) as (process, program):
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait(30) == 256 - status
        with pytest.raises(ProcessLookupError):
            os.kill(program, 0)


def test_it_ends_on_its_own() -> None:
    """Whoever waits for it to answer learns that it will not."""
    with guarded("echo $$; exit 7") as (process, _):
        assert process.wait(30) == 7
