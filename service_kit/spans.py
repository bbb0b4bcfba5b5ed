"""
Where the time of a request went: its steps, each a span of the trace, told in the request's one line of the log.

Whatever is in a span is ours: a name, an id, a length and how it ended.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from service_kit import trace
from service_kit.fresh import Fresh
from service_kit.problem import Problem

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from starlette.types import Scope

KEY = "carepath.spans"
OK, ERROR, ABANDONED = "ok", "error", "abandoned"


class Spans(list[dict[str, Any]]):
    """The spans of one request, in the order they ended."""


_fresh = Fresh(16)
_spans: ContextVar[Spans | None] = ContextVar("spans", default=None)


def begin(scope: Scope) -> None:
    """Keep what is timed from here on, in tasks begun from here on too, with the request of SCOPE."""
    scope[KEY] = found = Spans()
    _spans.set(found)


def told(scope: Scope) -> Spans | None:
    """Return the spans of the request of SCOPE, None where there are none."""
    return scope.get(KEY) or None


class Span:
    """
    Times the block as the step NAME; `status` is ok, the code of the problem that ended it, error or abandoned.

    What is asked of another service in the block is this span's child where it
    LEADS there; such a block must end in the context that it began in.
    """

    __slots__ = ("_id", "_leads", "_name", "_started", "_token")

    def __init__(self, name: str, *, leads: bool = False) -> None:
        self._name = name
        self._leads = leads
        self._id = _fresh()
        self._started = 0.0
        self._token: Token[trace.Trace | None] | None = None

    def __enter__(self) -> None:
        if self._leads and (here := trace.current()):
            self._token = trace.enter(here._replace(span_id=self._id, parent_id=here.span_id))
        self._started = time.perf_counter()

    def __exit__(self, _: object, error: BaseException | None, __: TracebackType | None) -> None:
        seconds = time.perf_counter() - self._started
        if self._token is not None:
            trace.leave(self._token)
        spans = _spans.get()
        if spans is not None:
            ended = {"name": self._name, "span_id": self._id, "duration_ms": round(seconds * 1000, 3)}
            spans.append({**ended, "status": OK if error is None else _status(error)})


def _status(error: BaseException) -> str:
    if isinstance(error, Problem):
        return error.code
    return ERROR if isinstance(error, Exception) else ABANDONED
