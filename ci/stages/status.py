"""What runs, what the state says, and what the source would build: one look, and nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from ci.aws import record_store as records
from ci.aws import release_history as releases
from ci.errors import NotReady
from ci.services import SERVICES
from ci.stages.build import look_up
from ci.stages.plan import deployed
from ci.terraform import backend, state
from ci.terraform.run_record import last_run
from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ci.aws.client import Aws
    from ci.aws.release_history import Recorded
    from ci.release import Release
    from ci.settings import Settings
    from ci.terraform.run_record import LastRun

ANSWER = 3.0
DIGEST = len("sha256:") + 12


async def status(settings: Settings, aws: Aws) -> dict[str, Any]:
    """Return the rows of the status, in the order in which they are shown: name -> what is found."""
    place = await anyio.to_thread.run_sync(backend.locate, aws)
    found = await anyio.to_thread.run_sync(state.read, aws)
    rows = {"account": f"{await anyio.to_thread.run_sync(aws.account)}, {aws.region}, state in {place.bucket}"}
    if found is None:
        rows["state"] = "nothing was applied yet"
    else:
        age = _age(found.written)
        rows["state"] = (
            f"serial {found.serial}, {found.resources} resources, written {age} by Terraform {found.terraform}"
        )
    held = await anyio.to_thread.run_sync(state.lock, aws)
    rows["lock"] = f"held by {held.who} since {held.created}: {held.operation}, {held.id}" if held else "free"
    rows["last run"] = await _recorded(lambda: _last(last_run(aws)))
    outputs = found.outputs if found else {}
    release = deployed(outputs)
    rows["release"] = await _recorded(lambda: _release(releases.read(aws), release))
    for candidate in await look_up(settings, aws, SERVICES):
        runs = release.references.get(candidate.service.image_key, "").partition("@")[2]
        rows[candidate.service.name] = f"{runs[:DIGEST] or 'not deployed'}; {_source(runs, candidate.digest)}"
    rows["answers"] = await _answers(outputs.get("chat_api_url") or "")
    return rows


async def _recorded(question: Callable[[], str]) -> str:
    """Return what QUESTION finds in a record; one that is damaged is told in its place, and the look goes on."""
    try:
        return await anyio.to_thread.run_sync(question)
    except NotReady as error:
        if error.code != records.DAMAGED:
            raise
        return f"not known: {error.title} {error.hint}"


def _last(run: LastRun | None) -> str:
    if run is None:
        return "none"
    commit = f" at {run.commit}" if run.commit else ""
    return f"{'ended' if run.ended else 'has not ended'}: {run.who}{commit}, begun {run.started}"


def _release(found: Sequence[Recorded], deployed: Release) -> str:
    if recorded := releases.current(found, deployed):
        return f"{recorded.id}, {recorded.kind} by {recorded.who}"
    return "what is deployed has not passed a smoke test" if deployed.references else "none"


def _source(runs: str, built: str | None) -> str:
    """Tell what a deploy would do for a service that RUNS one digest, when its source has BUILT another, or none."""
    if built is None:
        return "this source is not built yet"
    return "built from this source" if built == runs else f"this source is built as {built[:DIGEST]}"


def _age(moment: datetime) -> str:
    minutes = int((datetime.now(UTC) - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    hours, days = minutes // 60, minutes // (60 * 24)
    number, unit = (days, "day") if days else (hours, "hour") if hours else (minutes, "minute")
    return f"{number} {unit}{'s' if number > 1 else ''} ago"


async def _answers(address: str) -> str:
    """Ask the public service at ADDRESS, once, whether it is ready."""
    if not address:
        return "there is no address yet"
    try:
        async with httpx.AsyncClient(timeout=ANSWER, verify=tls_context()) as client:
            reply = await client.get(f"{address.rstrip('/')}/health", params={"check": "ready"})
    except httpx.HTTPError as error:
        return f"{address} does not answer: {type(error).__name__}"
    return f"{address} is {'ready' if reply.status_code == httpx.codes.OK else f'not ready: HTTP {reply.status_code}'}"
