"""The pipeline's commands with stand-ins: the same stages, and nothing real is created."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import anyio

from ci.aws import release_history as releases
from ci.aws.client import Aws
from ci.engines.host.engine import HostEngine
from ci.errors import NotReady
from ci.pipeline import Pipeline
from ci.rehearsal import processes
from ci.rehearsal.cloud import CREDENTIALS, Cloud
from ci.rehearsal.isolation import left_out
from ci.rehearsal.lock import turn
from ci.settings import ROOT, Settings, declared_region
from ci.stages.status import status
from ci.terraform.approval import Wishes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from ci.engines.base import Endpoints, Engine
    from ci.process.interrupts import Interrupts
    from ci.rehearsal.providers.faults import Faults
    from ci.release import Release
    from ci.report.progress import Progress
    from ci.serving import Serve

NOTICE = "REHEARSAL: nothing real was created. AWS, Atlas and Kubernetes are stand-ins on this machine."
SMOKE_TIMEOUT = 60.0
# What cannot answer rightly is asked twice.
CUT_OFF_TIMEOUT = 5.0

EngineName = Literal["dagger", "host"]
Command = Literal["deploy", "rollback", "releases", "status", "drift", "smoke", "destroy"]


async def _releases(pipeline: Pipeline) -> None:
    pipeline.report.releases = await anyio.to_thread.run_sync(releases.read, pipeline.aws)


async def _status(pipeline: Pipeline) -> None:
    pipeline.report.status = await status(pipeline.settings, pipeline.aws)


COMMANDS: dict[Command, Callable[[Pipeline], Awaitable[object]]] = {
    "deploy": lambda pipeline: pipeline.deploy(),
    "rollback": lambda pipeline: pipeline.rollback(),
    "releases": _releases,
    "status": _status,
    "drift": lambda pipeline: pipeline.drift(),
    "smoke": lambda pipeline: pipeline.smoke(),
    "destroy": lambda pipeline: pipeline.destroy(),
}


async def rehearse(
    settings: Settings,
    progress: Progress,
    interrupts: Interrupts,
    *,
    command: Command = "deploy",
    engine: EngineName | None,
    keep: bool,
    fresh: bool,
    faults: Faults,
    cut_off: bool = False,
    wishes: Wishes | None = None,
    settled: Callable[[], None],
) -> None:
    """
    Run COMMAND on stand-ins, on ENGINE, or where None on a Dagger engine if one answers, else on this machine.

    What the cloud would hold is kept between rehearsals, so that a second one
    changes nothing; FRESH forgets it first. FAULTS are what goes wrong, and
    CUT_OFF that what is served first does not answer rightly. KEEP calls
    SETTLED when all is done and leaves the services up until an interrupt.
    """
    progress.report.notice = NOTICE
    progress.say(NOTICE)
    async with contextlib.AsyncExitStack() as stack:
        name = await _open_engine(settings, progress, engine, stack)
        # Once the engine is open: the way to it may need the login that is hidden here.
        stack.enter_context(left_out())
        progress.report.engine = name
        folder = ROOT / ".carepath" / "rehearsal" / name
        stack.enter_context(turn(folder.with_name(f"{name}.lock")))
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        # Wherever AWS_REGION leads: it is one of the settings that are left out.
        region = declared_region(settings.model_copy(update={"aws_region": None}))
        cloud = Cloud(folder, region, faults, say=progress.say)
        async with progress.stage("stand-ins") as stage:
            await anyio.to_thread.run_sync(cloud.__enter__)
            stack.push_async_callback(_close, cloud)
            stage.result = "AWS API, registry and Terraform providers, all on 127.0.0.1"
        # A stand-in answers at once or not at all.
        told = cloud.settings(settings).model_copy(
            update={"smoke_timeout": min(settings.smoke_timeout, CUT_OFF_TIMEOUT if cut_off else SMOKE_TIMEOUT)}
        )
        up = await stack.enter_async_context(contextlib.AsyncExitStack())
        run_id = uuid4().hex
        pipeline = Pipeline(
            told,
            _engine(name, told, cloud, run_id),
            Aws(told, cloud.region, CREDENTIALS),
            progress,
            interrupts,
            serve=_serving(told, run_id, name, folder / "services", up=up, progress=progress, cut_off=cut_off),
            run_id=run_id,
            wishes=wishes or Wishes(),
        )
        try:
            await COMMANDS[command](pipeline)
            if keep:
                settled()
                await interrupts.pause()
        finally:
            # What is printed at the end must not lead to services that are gone by then.
            progress.report.addresses.clear()


async def _close(cloud: Cloud) -> None:
    """Close CLOUD, also after an interrupt: it keeps the state that an interrupted apply saved."""
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(cloud.__exit__)


async def _open_engine(
    settings: Settings, progress: Progress, wanted: EngineName | None, stack: contextlib.AsyncExitStack
) -> EngineName:
    if wanted == "host":
        return "host"
    from ci.engines.dagger.session import open_session  # noqa: PLC0415 - importing dagger takes two seconds

    log = settings.work_folder / "session.log"
    try:
        await stack.enter_async_context(
            open_session(settings.dagger, own=True, timeout=settings.engine_timeout, log=log)
        )
    except NotReady as error:
        if wanted == "dagger":
            raise
        progress.say(f"No Dagger engine: {error.title} Rehearsing on this machine, without images.")
        return "host"
    return "dagger"


def _engine(name: EngineName, settings: Settings, cloud: Cloud, run_id: str) -> Engine:
    if name == "host":
        return HostEngine(settings, cloud.announce)
    from ci.engines.dagger.engine import DaggerEngine  # noqa: PLC0415 - importing dagger takes two seconds

    return DaggerEngine(settings, run_id)


def _serving(
    settings: Settings,
    run_id: str,
    name: EngineName,
    folder: Path,
    *,
    up: contextlib.AsyncExitStack,
    progress: Progress,
    cut_off: bool,
) -> Serve:
    """Return how a release is served; the services stay up until UP is closed or the next release comes."""
    troubles = [cut_off]
    served: list[Release] = []

    @contextlib.asynccontextmanager
    async def serve(release: Release, _: dict[str, Any]) -> AsyncIterator[Endpoints]:
        await up.aclose()
        served.append(release)
        trouble = bool(troubles) and troubles.pop()
        async with progress.stage("services") as stage:
            if name == "host":
                endpoints = await up.enter_async_context(processes.serve(folder, cut_off=trouble))
                stage.result = "processes of this machine, with an embedded database"
            else:
                from ci.rehearsal import containers  # noqa: PLC0415 - importing dagger takes two seconds

                # A database that was started anew is empty, so nothing may come out of the engine's cache.
                nonce = f"{run_id}-{len(served)}"
                serving = containers.serve(settings, release, nonce, folder, stage, cut_off=trouble)
                endpoints = await up.enter_async_context(serving)
        yield endpoints

    return serve
