"""stdout and stderr of a run: they may lose who reads them, and cannot show every sign."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Lasting(io.TextIOBase):
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override] # a plain attribute there
        return self._stream.encoding

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def lasting(stream: TextIO) -> TextIO:
    """Return STREAM as one that may lose its reader, as when the terminal is gone, without ending who writes."""
    return cast("TextIO", _Lasting(stream))


@contextlib.contextmanager
def lasting_output() -> Iterator[None]:
    """
    Let stdout and stderr last until the block ends, and Python's own last flush after it.

    A sign that they cannot encode becomes a question mark.
    """
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.stdout, sys.stderr = map(lasting, streams)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        for stream in streams:
            _settle(stream)


def _settle(stream: TextIO) -> None:
    """Write what STREAM still holds, to nowhere if nobody reads it: at exit Python would fail over it."""
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
