"""The application: `uvicorn service_chat.main:app`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fastapi import FastAPI

from service_chat import db_api
from service_chat.responders import registry
from service_chat.routes import health, triage
from service_chat.settings import Settings
from service_chat.triage import Triage
from service_kit import VERSION, environment, logs
from service_kit.install import install

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from service_chat.routes.state import State

    app: FastAPI


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """Return the application that SETTINGS describe; db-api need not be up. A TRANSPORT replaces the network."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with (
            db_api.connected(settings, transport) as way,
            registry.opened(settings) as responder,
            operation.running(),
        ):
            yield {"triage": Triage(way, responder, settings.llm_mode)}

    made = FastAPI(
        title="CarePath chat-api",
        version=VERSION,
        lifespan=lifespan,
        # The pages that FastAPI offers load scripts from elsewhere; /openapi.json stays.
        docs_url=None,
        redoc_url=None,
        # Its telemetry records the text of exceptions, which may quote a record.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    operation = install(made, health.SERVICE, settings)
    made.include_router(health.router)
    made.include_router(triage.router)
    return made


def __getattr__(name: str) -> FastAPI:
    """Make `app` when a server asks for it, so that importing this module takes no settings."""
    if name != "app":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    settings = environment.read(Settings)
    logs.configure(health.SERVICE, settings.log_level)
    return create_app(settings)
