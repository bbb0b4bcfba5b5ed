"""Put on an application what makes it operable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from service_kit import authorization, problem, trace
from service_kit.access import AccessMiddleware
from service_kit.authorization import AuthorizationMiddleware
from service_kit.drain import Drain, DrainMiddleware
from service_kit.limits import BodyLimitMiddleware
from service_kit.metrics import Metrics
from service_kit.operation import Operation
from service_kit.trace import TraceMiddleware

if TYPE_CHECKING:
    from fastapi import FastAPI
    from pydantic import SecretStr

    from service_kit.environment import Settings


def install(app: FastAPI, service: str, settings: Settings, token: SecretStr | None = None) -> Operation:
    """
    Make APP, which is SERVICE, operable as SETTINGS say, and return what its lifespan is to run.

    Every request gets a trace id, an access line, a count and a limit, every
    error a problem body. Whoever asks must show TOKEN unless it is None.
    """
    operation = Operation(settings, Metrics(service, settings.git_sha), Drain())
    app.state.drain = operation.drain
    problem.install(app)
    # The one added last is the outermost: nothing is answered without a line, and no line written without a trace.
    app.add_middleware(BodyLimitMiddleware, limit=settings.max_body_bytes)
    if token is not None:
        app.add_middleware(AuthorizationMiddleware, token=token)
        authorization.tell(app)
    if settings.origins:
        # Outside of the token: a browser asks whether it may before it shows any. Never with credentials.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=[trace.HEADER, "ETag", "Link"],
        )
    app.add_middleware(AccessMiddleware, metrics=operation.metrics)
    app.add_middleware(DrainMiddleware, drain=operation.drain)
    app.add_middleware(TraceMiddleware)
    return operation
