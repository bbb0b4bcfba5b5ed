"""The engine's errors, told as ours."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import dagger

from ci.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci.errors import PipelineError

TAIL = 40
LOST = (
    "Start the engine again, then run the same command: it goes on from what is done. "
    "Where the state is locked then, that run says how to unlock it."
)


@contextlib.contextmanager
def told(kind: type[PipelineError], title: str, code: str, *, hint: str = "") -> Iterator[None]:
    """
    Turn the engine's errors inside the block into a KIND; the chain is never shown, it may hold values.

    An engine that cannot be reached any more is NotReady, whatever it was asked to do.
    """
    try:
        yield
    except dagger.ExecError as error:
        cause = "The engine, not the program, failed.\n" if error.exit_code < 0 else ""
        lines = (error.stderr.strip() or error.stdout.strip() or first_line(error)).splitlines()
        raise kind(title, code=code, detail=cause + "\n".join(lines[-TAIL:]), hint=hint) from None
    except (dagger.TransportError, dagger.ClientConnectionError) as error:
        lost = "The Dagger engine was lost."
        raise NotReady(lost, code="engine_lost", detail=first_line(error), hint=LOST) from None
    except dagger.DaggerError as error:
        raise kind(title, code=code, detail=first_line(error), hint=hint) from None


def first_line(error: Exception) -> str:
    """Return what ERROR says, without the trace id the engine appends."""
    return re.sub(r"\s*\[traceparent:[^\]]*\]", "", str(error)).strip().partition("\n")[0]
