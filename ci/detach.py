"""
Outlive `dagger run`.

It ends the program it runs ten seconds after a Ctrl-C, with a signal that
nothing survives (measured with v0.21.8), while Terraform may need minutes to
stop gracefully. So a command that changes things goes on in a process that
`dagger run` does not know, and this one only waits for it (docs/adr/0004).
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from typing import TextIO, cast

PORT = "DAGGER_SESSION_PORT"
TOKEN = "DAGGER_SESSION_TOKEN"  # noqa: S105 - the name of a variable


def detached() -> int | None:
    """
    Run this very command line outside of a surrounding `dagger run` and return its exit code.

    Returns None, at once, where there is none to outlive.
    """
    if PORT not in os.environ:
        return None
    # Without its telemetry too, which would show on its screen what Terraform prints.
    theirs = (PORT, TOKEN, "OTEL_", "TRACEPARENT")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    worker = subprocess.Popen([sys.executable, *sys.argv], env=environment, start_new_session=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: worker.send_signal(received))
    code = worker.wait()
    return code if code >= 0 else 128 - code


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
    """Return STREAM as one that may lose its reader, as when `dagger run` is gone, without ending who writes."""
    return cast("TextIO", _Lasting(stream))
