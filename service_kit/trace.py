"""The trace id of a request: taken from the caller or made here, answered, logged and passed on."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from service_kit.fresh import Fresh

if TYPE_CHECKING:
    from contextvars import Token

    from starlette.types import Scope

HEADER = "X-Trace-Id"
RAW_HEADER = HEADER.lower().encode()
# W3C trace context: there is no version ff, 00 ends with the flags, a later one may say more; zeros alone are no id.
TRACEPARENT = re.compile(
    r"^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$"
)
# Sampled, and random trace id; what else a later version may flag, a 00 of ours must not.
KNOWN_FLAGS = 0b11
# Free text could carry a patient's data into every log line, so only a plain id is taken.
TRACE_ID = re.compile(r"^(?!0{32})[0-9a-f]{32}$")


class Trace(NamedTuple):
    """
    Where a request stands: `trace_id` is shared by all hops, `span_id` is this one's own.

    `parent_id` is the span of whoever asked, empty for a trace that begins here.
    """

    trace_id: str
    span_id: str
    flags: str = "01"
    parent_id: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Return what a request to the next service carries."""
        return {"traceparent": f"00-{self.trace_id}-{self.span_id}-{self.flags}", HEADER: self.trace_id}

    @property
    def answered(self) -> tuple[bytes, bytes]:
        """Return the header that an answer carries."""
        return RAW_HEADER, self.trace_id.encode()


# A trace id and a span id.
_fresh = Fresh(48)
_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """Return the trace of the request being answered, or None outside of one."""
    return _current.get()


def current_id() -> str:
    """Return the trace id of the request being answered, or an empty string outside of one."""
    trace = _current.get()
    return trace.trace_id if trace else ""


def take(traceparent: str, trace_id: str) -> Trace:
    """Return the trace a caller's headers ask for; a missing or malformed one is replaced, never refused."""
    made = _fresh()
    span_id = made[32:]
    if traceparent and (found := TRACEPARENT.match(traceparent.strip().lower())):
        return Trace(found[1], span_id, f"{int(found[3], 16) & KNOWN_FLAGS:02x}", found[2])
    if trace_id:
        plain = trace_id.strip().lower().replace("-", "")
        if TRACE_ID.match(plain):
            return Trace(plain, span_id)
    return Trace(made[:32], span_id)


def of(scope: Scope) -> Trace:
    """Return the trace of the request that SCOPE describes."""
    return take(_only(scope, b"traceparent"), _only(scope, b"x-trace-id"))


def enter(trace: Trace | None) -> Token[Trace | None]:
    """Make TRACE the current one, until `leave` gets what this returns."""
    return _current.set(trace)


def leave(token: Token[Trace | None]) -> None:
    """Make the trace before the current one current again."""
    _current.reset(token)


def _only(scope: Scope, name: bytes) -> str:
    """Return the header NAME, empty when there are several: nobody could say which of them leads here."""
    values = [value for each, value in scope["headers"] if each == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""
