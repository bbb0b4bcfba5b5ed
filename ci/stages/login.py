"""The registry with what it asks for; a push and a pull need the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci.aws import ecr
from ci.engines.base import Registry

if TYPE_CHECKING:
    from ci.aws.client import Aws
    from ci.settings import Settings


async def login(aws: Aws, settings: Settings, *, wanted: bool) -> Registry:
    """Return the registry of this run; ECR's password, which is good for hours only, is fetched where it is WANTED."""
    host = await anyio.to_thread.run_sync(ecr.registry, aws)
    # A stand-in registry asks for none.
    ask = wanted and not settings.registry
    password = await anyio.to_thread.run_sync(ecr.password, aws) if ask else ""
    return Registry(host, password, settings.registry_endpoint_url or "", settings.aws_timeout)
