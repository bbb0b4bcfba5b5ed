"""How what was deployed is reached, and whether it answers rightly."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from ci.engines.base import Endpoints
from ci.errors import NotReady
from ci.release import Release
from ci.services import SERVICES
from ci.stages import smoke

if TYPE_CHECKING:
    from ci.report.progress import Progress

# How a release that Terraform has applied (with these outputs) is reached.
Serve = Callable[[Release, dict[str, Any]], AbstractAsyncContextManager[Endpoints]]


def public(_: Release, outputs: dict[str, Any]) -> AbstractAsyncContextManager[Endpoints]:
    """Return the addresses that OUTPUTS tell: chat-api behind its load balancer, db-api private."""
    address = outputs.get("chat_api_url") or ""
    if not address:
        title = "Terraform knows no address of chat-api."
        raise NotReady(title, code="address_missing", hint="Deploy first: `python ci/main.py deploy`.")
    return contextlib.nullcontext(Endpoints(chat_api=address.rstrip("/")))


async def ask(serve: Serve, release: Release, outputs: dict[str, Any], *, progress: Progress, timeout: float) -> None:
    """
    Ask RELEASE, reached by SERVE, the questions of the smoke test, for TIMEOUT seconds at most; tell it as a stage.

    Raises SmokeFailed.
    """
    report = progress.report
    async with serve(release, outputs) as endpoints, progress.stage("smoke") as stage:
        report.addresses["chat-api"] = endpoints.chat_api
        if endpoints.db_api:
            report.addresses["db-api"] = endpoints.db_api
        checks = await smoke.smoke(endpoints, timeout=timeout)
        # What failed before a rollback is told by its own error.
        report.checks[:] = checks
        stage.result = f"{sum(each.ok for each in checks)} of {len(checks)} answered rightly"
        deployed = {each.name: release.references.get(each.image_key, "never deployed") for each in SERVICES}
        smoke.judge(checks, deployed)
