"""Put on an application what makes it operable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_kit import problem
from service_kit.access import AccessMiddleware
from service_kit.trace import TraceMiddleware

if TYPE_CHECKING:
    from fastapi import FastAPI


def install(app: FastAPI) -> None:
    """Give every request of APP a trace id and an access line, and every error a problem body."""
    problem.install(app)
    # The one added last is the outermost: the trace must exist before the line that names it.
    app.add_middleware(AccessMiddleware)
    app.add_middleware(TraceMiddleware)
