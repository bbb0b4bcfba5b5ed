"""stdout and stderr whose reader goes away, or that cannot show every sign."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.process.streams import lasting
from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable


class Lost(io.StringIO):
    """A stream whose reader is gone."""

    def write(self, _: str, /) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_lost_reader_ends_nobody() -> None:
    """When `dagger run` is gone, the worker writes into nothing and goes on."""
    stream = lasting(Lost())

    assert stream.write("a line\n") == len("a line\n")
    stream.flush()


def test_reader_that_is_there_reads_all() -> None:
    """Otherwise it is the stream it was."""
    screen = io.StringIO()

    lasting(screen).write("a line\n")

    assert screen.getvalue() == "a line\n"


def closed_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def closed_terminal() -> int:
    ours, theirs = os.openpty()
    os.close(ours)
    return theirs


# Without credentials `smoke` ends with 3, and --json writes its report at once.
@pytest.mark.parametrize(
    ("words", "code", "gone", "errors"),
    [
        (["--help"], 0, closed_pipe, "read"),
        (["x"], 2, closed_terminal, "lost"),
        (["smoke", "--json"], 3, closed_pipe, "lost"),
        *(
            pytest.param(words, code, gone, errors, marks=pytest.mark.slow)
            for words, code, gone, errors in [
                (["--help"], 0, closed_terminal, "read"),
                (["smoke"], 3, closed_pipe, "read"),
                (["smoke"], 3, closed_terminal, "lost"),
                (["smoke", "--json"], 3, closed_terminal, "read"),
            ]
        ),
    ],
)
def test_exit_code_is_the_runs_own_although_nobody_reads(
    gone: Callable[[], int], words: list[str], code: int, errors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`… | head -1` and a closed terminal make no failure of it, and Python complains of nothing."""
    # What is written at once leaves nothing to be flushed at the end.
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    lost = gone()
    try:
        done = subprocess.run(
            [sys.executable, "ci/main.py", *words],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=lost,
            stderr=subprocess.PIPE if errors == "read" else lost,
            text=True,
            check=False,
        )
    finally:
        os.close(lost)

    assert done.returncode == code
    assert "Traceback" not in (done.stderr or "")
    assert "Exception ignored" not in (done.stderr or "")


@pytest.mark.parametrize(
    "words", [["doctor"], *(pytest.param([word], marks=pytest.mark.slow) for word in ("smoke", "--help"))]
)
def test_narrow_encoding_loses_signs_and_no_words(words: list[str]) -> None:
    """Where only ASCII can be shown, a tick becomes a question mark."""
    done = subprocess.run(
        [sys.executable, "ci/main.py", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "CAREPATH_DAGGER": "no-such-dagger"},
        capture_output=True,
        check=False,
    )

    assert done.returncode in {0, 3}
    assert b"Traceback" not in done.stderr
    assert b"?" in done.stdout or words == ["--help"]
    assert (done.stdout + done.stderr).isascii()
