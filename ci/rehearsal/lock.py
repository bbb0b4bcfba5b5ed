"""One rehearsal at a time: two would share the stand-ins' ports, records and database."""

from __future__ import annotations

import contextlib
import fcntl
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ci.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def turn(path: Path) -> Iterator[None]:
    """
    Hold the lock of PATH until the block ends; raise NotReady, which names the holder, when another process has it.

    The kernel gives it back when its process dies, however that happens; the
    file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            title = f"Another rehearsal is running here ({file.read().strip() or 'it has just begun'})."
            hint = "End it with Ctrl-C or wait for it; one in another checkout is not in the way."
            raise NotReady(title, code="rehearsal_running", hint=hint) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        file.flush()
        yield
