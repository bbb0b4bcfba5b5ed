"""
A leash: Python that ends when the process which started it is gone, however that ended.

The holder keeps the writing end of a pipe that nobody writes to, and what it
starts has the reading end as its standard input. The end of that input, which
comes with a SIGKILL too, is the end of the holder.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Seconds for an orderly end.
GRACE = 10.0


@contextlib.contextmanager
def held() -> Iterator[int]:
    """Yield what a process on the leash takes as its standard input, until the block ends."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


def python(*arguments: str) -> list[str]:
    """Return the command for Python on the leash with ARGUMENTS, which begin with `-m` or `-c` as for any Python."""
    # By its path and with -P: it runs in folders that have no `ci`, or another one.
    return [sys.executable, "-P", __file__, *arguments]


def _watch(holder: int) -> None:
    """Wait for the end of HOLDER, then end this process and, where it leads a group, all that it has started."""
    while os.read(holder, 1):
        pass
    end = os.killpg if os.getpgrp() == os.getpid() else os.kill
    end(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    end(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Do what Python does with this command line, on the leash."""
    form, what, *rest = sys.argv[1:]
    # What runs may put something else in the place of its standard input.
    holder = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_watch, args=(holder,), name="leash", daemon=True).start()
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - as Python itself has it
    if form == "-m":
        sys.argv = [what, *rest]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.argv = [form, *rest]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - that is what `-c` means


if __name__ == "__main__":
    main()
