"""The signals that ask a run to stop: Ctrl-C, a supervisor's SIGTERM, a terminal that is gone."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object]

INTERRUPTED = 130
STOPPED = "Stopped before the end, as asked."


def asking() -> list[signal.Signals]:
    """Return the signals that ask to stop; under `nohup` the end of the terminal does not."""
    names = [signal.SIGINT, signal.SIGTERM]
    return names if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [*names, signal.SIGHUP]


@contextlib.contextmanager
def heard(handler: Handler) -> Iterator[None]:
    """Have HANDLER called at each of them until the block ends; then they do what they did before, without a gap."""
    before = {number: signal.signal(number, handler) for number in asking()}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def leave_when_asked() -> None:
    """From now on end at once when asked, with a sentence and no traceback: for when nothing has been begun."""
    for number in asking():
        signal.signal(number, _leave)


def _leave(*_: object) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{STOPPED}\n")
        sys.stderr.flush()
    sys.exit(INTERRUPTED)


def ignore() -> None:
    """From now on hear none of them: all is done and told but the exit code."""
    for number in asking():
        signal.signal(number, signal.SIG_IGN)
