"""How far a long run is, for whoever waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

# Fewer patients than this are done before anybody wonders.
QUIET_BELOW = 1000
STEP = 10


class Progress:
    """
    Tell STREAM how many of TOTAL patients are done: on a terminal in one line that changes, else in a line per tenth.

    Nothing is told of a short run.
    """

    def __init__(self, stream: TextIO, verb: str, total: int) -> None:
        self._stream = stream
        self._verb = verb
        self._total = total
        self._told = 0
        self._open = False

    def __call__(self, done: int) -> None:
        """Tell that DONE patients are done, when there is something new to tell."""
        percent = 100 * done // self._total if self._total else 100
        terminal = self._stream.isatty()
        if self._total < QUIET_BELOW or percent < self._told + (1 if terminal else STEP):
            return
        self._told = percent
        text = f"{self._verb} {done} of {self._total} patients ({percent} %)"
        self._stream.write(f"\r{text}" if terminal else f"{text}\n")
        self._stream.flush()
        self._open = terminal

    def close(self) -> None:
        """End the line that changes, so that the next thing said has a line of its own."""
        if self._open:
            self._stream.write("\n")
            self._open = False
