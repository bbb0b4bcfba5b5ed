"""Whoever sits at a terminal may type what is to be destroyed; nobody else is asked anything."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS = "module.a.aws_s3_bucket.this"
# The program from the command's body on: the plan is one that destroys a bucket.
PROGRAM = f"""
import os, pathlib, sys
import ci.settings
from ci.cli.options import Options
from ci.cli.wanted import Wanted
from ci.stages.guard import guard
from ci.terraform.plan_summary import Change, PlanSummary
from ci.terraform.approval import Wishes

ci.settings.ROOT = pathlib.Path(os.environ["CHECKOUT"])
wanted = Wanted("apply", Options(json="--json" in sys.argv))

async def body(*_):
    wishes = wanted.asking(Wishes())
    await guard(PlanSummary((Change({ADDRESS!r}, "delete"),), False), wishes.allow_destroy, wishes.ask)

sys.exit(wanted.run(body))
"""
ADOPT = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ADOPT, sys.executable, "-c", PROGRAM, *options],
            cwd=ROOT,
            env={**os.environ, "TERM": "dumb", "PYTHONPATH": str(ROOT), "CHECKOUT": str(folder)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.said = ""

    def read(self) -> bool:
        """Take in what is written next; tell whether there was something."""
        if not select.select([self.ours], [], [], 30)[0]:
            return False
        try:
            text = os.read(self.ours, 4096).decode()
        except OSError:
            return False
        self.said += text
        return bool(text)

    def wait_for(self, words: str) -> None:
        while words not in self.said:
            assert self.read(), self.said

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def end(self, seconds: float = 20) -> int:
        """Return the exit code, which must come within SECONDS."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if select.select([self.ours], [], [], 0.1)[0]:
                self.read()
        while select.select([self.ours], [], [], 0)[0] and self.read():
            continue
        return self.process.wait(1)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    found = Terminal(tmp_path)
    yield found
    found.process.kill()
    found.process.wait()
    os.close(found.ours)


@pytest.mark.parametrize(
    "typed", ["module.a\n", *(pytest.param(text, marks=pytest.mark.slow) for text in ("no\n", "\n", "\x04"))]
)
def test_wrong_word_destroys_nothing(terminal: Terminal, typed: str) -> None:
    """Any other word, none, and the end of the input: wrong usage, with the flag that would allow it."""
    terminal.wait_for("Type its address to allow that: ")
    terminal.type(typed)

    assert terminal.end() == 2
    assert "destroys_data" in terminal.said
    assert f"--allow-destroy '{ADDRESS}'" in terminal.said


def test_ctrl_c_at_the_question_ends_the_run_at_once(terminal: Terminal) -> None:
    """With 130, and without anything more to be typed."""
    terminal.wait_for("Type its address to allow that: ")
    # Half an address: by then somebody is listened to.
    terminal.type("module.")
    terminal.wait_for("module.")
    terminal.type("\x03")

    assert terminal.end(10) == 130
    assert "Traceback" not in terminal.said


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.slow)],
    ids=lambda number: number.name,
)
def test_supervisor_ends_a_run_that_asks(terminal: Terminal, number: signal.Signals) -> None:
    """A question that nobody answers holds no job up."""
    terminal.wait_for("Type its address to allow that: ")
    terminal.process.send_signal(number)

    assert terminal.end(10) == 130


def test_typed_address_goes_on(terminal: Terminal) -> None:
    """The question names it, and the very address allows it."""
    terminal.wait_for(f"destroys {ADDRESS} and what it holds")
    terminal.type(f"{ADDRESS}\n")

    assert terminal.end() == 0


@pytest.mark.slow
def test_json_at_a_terminal_is_not_asked(tmp_path: Path) -> None:
    """Who reads one document is a program: it is refused at once."""
    terminal = Terminal(tmp_path, "--json")

    assert terminal.end() == 2
    assert "Type its address" not in terminal.said
    os.close(terminal.ours)


@pytest.mark.parametrize("text", [pytest.param("", marks=pytest.mark.slow), f"{ADDRESS}\n"])
def test_without_a_terminal_nobody_is_asked(tmp_path: Path, text: str) -> None:
    """What comes by a pipe was not typed at the sight of the question."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CHECKOUT": str(tmp_path)},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "Type its address" not in done.stdout + done.stderr
