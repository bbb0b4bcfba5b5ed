"""The pods' stand-in on a Dagger engine: the pushed images run as services, with a database beside them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import anyio
import dagger
from dagger import dag

from ci.engines.base import Endpoints
from ci.engines.dagger.registry import host_service, pulled
from ci.engines.dagger.terraform import NONCE
from ci.errors import SmokeFailed, leaves
from ci.rehearsal.processes import NOWHERE, nx_27017
from ci.services import CHAT_API, DB_API

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ci.release import Release
    from ci.report.model import Stage
    from ci.services import Service
    from ci.settings import Settings

MONGO = "mongo"
MONGO_PORT = 27017


@contextlib.asynccontextmanager
async def serve(
    settings: Settings, release: Release, run_id: str, folder: Path, stage: Stage, *, cut_off: bool = False
) -> AsyncIterator[Endpoints]:
    """
    Run RELEASE from the registry until the block ends; RUN_ID keeps this run's services apart from others'.

    CUT_OFF: chat-api does not reach db-api.
    """
    async with contextlib.AsyncExitStack() as stack:
        database, address = await stack.enter_async_context(_mongo(settings, folder, stage))
        uri = f"mongodb://{MONGO}:{address}"
        db_api = (
            pulled(settings, release.references[DB_API.image_key])
            .with_service_binding(MONGO, database)
            .with_env_variable("MONGODB_URI", uri)
            .with_env_variable(NONCE, run_id)
        )
        try:
            database_service = await _service(db_api, DB_API)
            reached = f"http://{DB_API.kubernetes_service}:{DB_API.port}"
            chat_api = (
                pulled(settings, release.references[CHAT_API.image_key])
                .with_service_binding(DB_API.kubernetes_service, database_service)
                .with_env_variable("DB_API_BASE_URL", NOWHERE if cut_off else reached)
                .with_env_variable("LLM_MODE", "mock")
                .with_env_variable("VECTOR_MODE", "mock")
                .with_env_variable(NONCE, run_id)
            )
            services = [(await _service(chat_api, CHAT_API), CHAT_API), (database_service, DB_API)]
            async with anyio.create_task_group() as group:
                group.start_soon(db_api.with_exec(["python", "-m", "service_db_api.seed"]).sync)
                # Explicitly, both: an idle service would be stopped after ten seconds.
                for service, _ in services:
                    stack.push_async_callback(_stop, service)
                    group.start_soon(service.start)
            addresses = [await stack.enter_async_context(_tunnel(service, row)) for service, row in services]
        except* dagger.DaggerError as group_error:
            error = next(leaves(group_error))
            detail = error.stderr if isinstance(error, dagger.ExecError) else str(error).partition("\n")[0]
            title = "The pushed images did not start."
            raise SmokeFailed(
                title, code="service_not_started", detail=detail, hint="Run their tests: `check`."
            ) from None
        yield Endpoints(chat_api=addresses[0], db_api=addresses[1])


async def _service(container: dagger.Container, row: Service) -> dagger.Service:
    """Return CONTAINER as a service that runs the image's own command; it is not started yet."""
    command = await container.default_args()
    return container.with_exposed_port(row.port).as_service(args=command)


async def _stop(service: dagger.Service) -> None:
    with anyio.CancelScope(shield=True), contextlib.suppress(dagger.DaggerError):
        await service.stop()


@contextlib.asynccontextmanager
async def _tunnel(service: dagger.Service, row: Service) -> AsyncIterator[str]:
    tunnel = await dag.host().tunnel(service, ports=[dagger.PortForward(backend=row.port)]).start()
    try:
        yield await tunnel.endpoint(scheme="http")
    finally:
        await _stop(tunnel)


@contextlib.asynccontextmanager
async def _mongo(settings: Settings, folder: Path, stage: Stage) -> AsyncIterator[tuple[dagger.Service, int]]:
    """Yield the database and its port: the MongoDB image, or NX-27017 of this machine where that cannot be had."""
    container = dag.container().from_(settings.mongo_image).with_exposed_port(MONGO_PORT)
    try:
        await container.sync()
    except dagger.QueryError:
        stage.result = (
            f"containers from the registry; {settings.mongo_image} cannot be pulled, so NX-27017 of this machine"
        )
        async with nx_27017(folder) as port:
            yield host_service(port), port
        return
    stage.result = f"containers from the registry, with {settings.mongo_image.partition('@')[0]}"
    started = await container.as_service(use_entrypoint=True, args=["mongod", "--bind_ip_all"]).start()
    try:
        yield started, MONGO_PORT
    finally:
        await _stop(started)
