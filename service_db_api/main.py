"""The application: `uvicorn service_db_api.main:app`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fastapi import FastAPI

from service_db_api import seed
from service_db_api.personas import personas
from service_db_api.routes import health, patients
from service_db_api.settings import Settings
from service_db_api.store import embedded
from service_db_api.store.opening import opened
from service_kit import VERSION, environment, logs
from service_kit.install import install

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.routes.state import State

    app: FastAPI


def create_app(settings: Settings) -> FastAPI:
    """
    Return the application that SETTINGS describe; it starts and stays up while the database is away.

    Raises Misconfigured when the embedded database is wanted and not installed.
    """
    if settings.embedded:
        embedded.require()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with opened(settings) as store:
            if settings.embedded and await store.is_empty():
                await seed.load(store, personas())
            yield {"store": store}

    made = FastAPI(
        title="CarePath db-api",
        version=VERSION,
        lifespan=lifespan,
        # The pages that FastAPI offers load scripts from elsewhere; /openapi.json stays.
        docs_url=None,
        redoc_url=None,
        # Its telemetry records the text of exceptions, which may quote a record.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    install(made)
    made.include_router(health.router)
    made.include_router(patients.router)
    return made


def __getattr__(name: str) -> FastAPI:
    """Make `app` when a server asks for it, so that importing this module takes no settings."""
    if name != "app":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    settings = environment.read(Settings)
    logs.configure(health.SERVICE, settings.log_level)
    return create_app(settings)
