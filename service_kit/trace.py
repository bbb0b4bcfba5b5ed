"""The trace id of a request: taken from the caller or made here, answered, logged and passed on."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Trace-Id"
# W3C trace context: there is no version ff, 00 ends with the flags, a later one may say more; zeros alone are no id.
TRACEPARENT = re.compile(
    r"^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?$"
)
# Sampled, and random trace id; what else a later version may flag, a 00 of ours must not.
KNOWN_FLAGS = 0b11
# Free text could carry a patient's data into every log line, so only a plain id is taken.
TRACE_ID = re.compile(r"^(?!0{32})[0-9a-f]{32}$")


@dataclass(frozen=True)
class Trace:
    """Where a request stands: `trace_id` is shared by all hops, `span_id` is this one's own."""

    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def headers(self) -> dict[str, str]:
        """Return what a request to the next service carries."""
        return {"traceparent": f"00-{self.trace_id}-{self.span_id}-{self.flags}", HEADER: self.trace_id}


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
    span_id = secrets.token_hex(8)
    if found := TRACEPARENT.match(traceparent.strip().lower()):
        return Trace(found[1], span_id, f"{int(found[2], 16) & KNOWN_FLAGS:02x}")
    plain = trace_id.strip().lower().replace("-", "")
    if TRACE_ID.match(plain):
        return Trace(plain, span_id)
    return Trace(secrets.token_hex(16), span_id)


class TraceMiddleware:
    """Give every request a trace and every answer its id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = take(_only(scope, b"traceparent"), _only(scope, b"x-trace-id"))
        answered = (HEADER.lower().encode(), trace.trace_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), answered]}
            await send(message)

        token = _current.set(trace)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _current.reset(token)


def _only(scope: Scope, name: bytes) -> str:
    """Return the header NAME, empty when there are several: nobody could say which of them leads here."""
    values = [value for each, value in scope["headers"] if each == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""
