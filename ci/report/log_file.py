"""What a run said, kept for whoever looks into it later: one file a run, the newest ones only."""

from __future__ import annotations

import contextlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT = 20


class RunLog(io.TextIOWrapper):
    """A log that loses lines on a full disk, and never the run that it is of."""

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()


@contextlib.contextmanager
def kept(folder: Path, command: str, trace_id: str) -> Iterator[RunLog | None]:
    """
    Yield the log of a run of COMMAND, for its owner only, or None where FOLDER cannot be written to.

    Its name tells the time (UTC) and the beginning of TRACE_ID; the newest KEPT logs stay.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    path = folder / f"{now}-{command}-{trace_id[:8]}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        file = RunLog(path.open("wb"), encoding="utf-8")
    except OSError:
        # A run in a checkout that is read-only is a run all the same.
        yield None
        return
    with file:
        for old in sorted(folder.glob("*.log"))[:-KEPT]:
            old.unlink(missing_ok=True)
        yield file
