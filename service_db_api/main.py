"""The application: `uvicorn service_db_api.main:app`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fastapi import FastAPI

from service_db_api.audit import AuditWriter
from service_db_api.loading.load import load
from service_db_api.personas import personas
from service_db_api.routes import audit_logs, chat_logs, claims, documents, encounters, health, patients, slashes, turns
from service_db_api.settings import Settings
from service_db_api.store import embedded
from service_db_api.store.opening import opened
from service_kit import VERSION, environment, logs
from service_kit.deadline import DeadlineMiddleware
from service_kit.install import install

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.routes.state import State

    app: FastAPI

# Whom the audit names: a caller is known by the service's token, or not at all.
ANONYMOUS, TOKEN_HOLDER = "anonymous", "token-holder"


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
            if settings.embedded:
                await store.create_indexes()
                if await store.is_empty():
                    await load(store, personas())
            actor = ANONYMOUS if settings.service_token is None else TOKEN_HOLDER
            audit = AuditWriter(store, actor, grace=settings.stop_grace_seconds)
            with operation.metrics.reading(*audit.readings(), *store.pool.readings()):
                async with audit.running(), operation.running():
                    most = settings.summary_max_documents
                    yield {"store": store, "audit": audit, "summary_max_documents": most}

    made = FastAPI(
        title="CarePath db-api",
        version=VERSION,
        lifespan=lifespan,
        # The pages that FastAPI offers load scripts from elsewhere; /openapi.json stays.
        docs_url=None,
        redoc_url=None,
        # A redirect repeats the address, and that may name a patient.
        redirect_slashes=False,
        # Its telemetry records the text of exceptions, which may quote a record.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    made.add_middleware(DeadlineMiddleware)
    operation = install(made, health.SERVICE, settings, settings.service_token, slashes.refuse)
    # The busiest first. Put into the application's own router, a route is looked for once and not once more in its own.
    ours = (patients, encounters, claims, documents, chat_logs, audit_logs, turns, health)
    made.router.routes[:0] = [route for each in ours for route in each.router.routes]
    return made


def __getattr__(name: str) -> FastAPI:
    """Make `app` when a server asks for it, so that importing this module takes no settings."""
    if name != "app":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    settings = environment.read(Settings)
    logs.configure(health.SERVICE, settings.log_level, form=settings.log_format)
    return create_app(settings)
