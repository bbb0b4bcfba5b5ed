"""Put on an application what makes it operable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from service_kit import authorization, problem, trace
from service_kit.access import Access
from service_kit.drain import Drain
from service_kit.exchange import ExchangeMiddleware
from service_kit.guard import GuardMiddleware
from service_kit.limits import LimitMiddleware
from service_kit.metrics import Metrics
from service_kit.operation import Operation

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic import SecretStr

    from service_kit.environment import Settings
    from service_kit.guard import Guard


def install(
    app: FastAPI, service: str, settings: Settings, token: SecretStr | None = None, *guards: Guard
) -> Operation:
    """
    Make APP, which is SERVICE, operable as SETTINGS say, and return what its lifespan is to run.

    Every request gets a trace id, an access line, a count and limits, every
    error a problem body. Whoever asks must show TOKEN unless it is None, and
    pass GUARDS of the service's own.
    """
    operation = Operation(settings, Metrics(service, settings.git_sha), Drain())
    app.state.drain = operation.drain
    problem.install(app)
    # The one added last is the outermost: nothing is answered without a line, and no line written without a trace.
    app.add_middleware(LimitMiddleware, limit=settings.max_body_bytes)
    if token is not None:
        guards = (authorization.asks(token), *guards)
        authorization.tell(app)
    if guards:
        app.add_middleware(GuardMiddleware, guards=guards)
    if settings.origins:
        # Outside of the token: a browser asks whether it may before it shows any. Never with credentials.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=[trace.HEADER, "ETag", "Link"],
        )
    app.add_middleware(ExchangeMiddleware, access=Access(operation.metrics), drain=operation.drain)
    return operation
