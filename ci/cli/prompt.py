"""A question to whoever sits at the terminal."""

from __future__ import annotations

import sys


def somebody() -> bool:
    """Tell whether a person can answer: what comes by a pipe was not typed at the sight of a question."""
    return sys.stdin.isatty()


def ask(question: str) -> str:
    """Return what is typed in answer to QUESTION, for when nothing runs yet."""
    _put(question)
    return sys.stdin.readline().strip()


async def ask_meanwhile(question: str) -> str:
    """Return what is typed in answer to QUESTION; an interrupt of the run is heard while nobody answers."""
    import anyio  # noqa: PLC0415

    _put(question)
    # Not in a thread: one that still reads would hold the program up at its end, after a Ctrl-C.
    await anyio.wait_readable(sys.stdin)
    return sys.stdin.readline().strip()


def _put(question: str) -> None:
    # To stderr: stdout is for the result.
    sys.stderr.write(question)
    sys.stderr.flush()
