"""The application: `uvicorn service_chat.main:app`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fastapi import FastAPI

from service_chat import counts, db_api
from service_chat.bounds import BoundsMiddleware
from service_chat.counts import Counts
from service_chat.responders import registry as responders
from service_chat.retrievers import registry as retrievers
from service_chat.routes import health, page
from service_chat.routes import triage as asked
from service_chat.saturation import Slots
from service_chat.settings import Settings
from service_chat.triage import Triage
from service_chat.turns import Turns
from service_kit import VERSION, environment, logs
from service_kit.install import install

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from service_chat.routes.state import State

    app: FastAPI

# Seconds that a question waits for others before its model is asked; whoever is sent away comes back after as many.
PATIENCE = 2.0


def create_app(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """Return the application that SETTINGS describe; db-api need not be up. A TRANSPORT replaces the network."""
    responders.check(settings)
    retrievers.check(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with (
            db_api.connected(settings, transport) as way,
            responders.opened(settings) as responder,
            retrievers.opened(settings) as retriever,
        ):
            turns = Turns(way, grace=settings.stop_grace_seconds)
            triage = Triage(
                way,
                responder,
                settings.llm_mode,
                retriever,
                settings.vector_mode,
                settings.rag_top_k,
                Slots(settings.llm_max_concurrency, PATIENCE),
                turns if settings.store_chat_logs else None,
                answered,
            )
            with operation.metrics.reading(*counts.readings(way.breaker), *turns.readings()):
                async with turns.running(), operation.running():
                    yield {"triage": triage}

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
    made.add_middleware(BoundsMiddleware, seconds=settings.request_deadline_s)
    operation = install(made, health.SERVICE, settings)
    answered = Counts(operation.metrics, settings.llm_mode)
    # Put into the application's own router, a route is looked for once, and known to who tells what a path allows.
    made.router.routes[:0] = [*asked.router.routes, *health.router.routes, *page.router().routes]
    return made


def __getattr__(name: str) -> FastAPI:
    """Make `app` when a server asks for it, so that importing this module takes no settings."""
    if name != "app":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    settings = environment.read(Settings)
    logs.configure(health.SERVICE, settings.log_level, form=settings.log_format, hash_key=settings.phi_hash_key)
    return create_app(settings)
