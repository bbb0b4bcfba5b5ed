"""What is on the leash is Python as any other, but that it does not outlive who started it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ci.process import parent_watch as leash
from ci.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Starts CHILD on the leash, says when that is up, and waits to be killed.
HOLDER = """
import subprocess, sys
from ci.process import parent_watch as leash
with leash.held() as stdin:
    child = subprocess.Popen(
        leash.python("-c", sys.argv[1]), stdin=stdin, start_new_session=True, stderr=subprocess.DEVNULL
    )
    child.wait()
"""
# All of these write to the holder's standard output, which ends with the last of them.
UP = "print('up', flush=True)\n"
WAITS = f"import threading\n{UP}threading.Event().wait()"
DEAF = f"import __main__, signal\n__main__.GRACE = 0.1\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{WAITS}"
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WAITS!r}])"
BUSY = f"{UP}while True: pass"
TELLS = "import os, sys; print(__name__, sys.argv[1:], sys.path[0] or os.getcwd(), repr(sys.stdin.read()))\n"


def ended(output: int, seconds: float = 5) -> bool:
    """Read OUTPUT to its end; tell whether that came within SECONDS."""
    deadline = time.monotonic() + seconds
    while select.select([output], [], [], max(0.0, deadline - time.monotonic()))[0]:
        if not os.read(output, 4096):
            return True
    return False


@pytest.mark.parametrize("child", [WAITS, BUSY, DEAF, PARENT], ids=["waits", "busy", "deaf", "parent"])
def test_killed_holder_takes_along_what_it_started(child: str) -> None:
    """SIGKILL, which nobody hears: what waits, works, ignores SIGTERM or has started something else ends too."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, child], cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        said = holder.stdout.readline()

        holder.kill()

        assert said == "up\n"
        assert ended(holder.stdout.fileno())


def test_held_leash_ends_nothing(tmp_path: Path) -> None:
    """As long as the holder lives, what it started does: this one ends by itself, and well."""
    with leash.held() as stdin:
        done = subprocess.run(
            leash.python("-c", "import time; time.sleep(0.3); print('done')"),
            cwd=tmp_path,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
        )

    assert (done.returncode, done.stdout) == (0, "done\n")


@pytest.mark.parametrize("form", [["-m", "told"], ["-c", TELLS]], ids=["-m", "-c"])
def test_python_on_the_leash_is_as_any_other(tmp_path: Path, form: list[str]) -> None:
    """A module or a line of code: its name, its arguments, the folder it is found in, an input that has ended."""
    (tmp_path / "told.py").write_text(TELLS)
    words = [*form, "first", "--second", "-m"]

    with leash.held() as stdin:
        held, free = (
            subprocess.run(
                command,
                cwd=tmp_path,
                stdin=given,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                start_new_session=True,
            ).stdout
            for command, given in ((leash.python(*words), stdin), ([sys.executable, *words], subprocess.DEVNULL))
        )

    assert held == free
    assert "['first', '--second', '-m']" in held


def test_exit_code_comes_through(tmp_path: Path) -> None:
    """What fails on the leash fails for who started it."""
    with leash.held() as stdin:
        done = subprocess.run(leash.python("-c", "raise SystemExit(7)"), cwd=tmp_path, stdin=stdin, check=False)

    assert done.returncode == 7
