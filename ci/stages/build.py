"""Find each service's image by what it is made of; build the ones that are not in the registry yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

from ci import fingerprint as source
from ci.aws import ecr
from ci.concurrency import side_by_side
from ci.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.aws.client import Aws
    from ci.engines.base import Engine
    from ci.services import Service


@dataclass(frozen=True)
class Candidate:
    """
    An image that may be deployed.

    `inputs` and `check_inputs` are the digests (64 hex digits) of what it and
    its tests are made of. `digest` is None until it is in the registry;
    `checked` says that its tests passed, in this image, on these very files.
    """

    service: Service
    inputs: str
    check_inputs: str
    digest: str | None = None
    checked: bool = False

    @property
    def image_tag(self) -> str:
        """The tag by which the image is looked up; it is given last, so an image that has it is whole."""
        return source.image_tag(self.inputs)

    @property
    def check_tag(self) -> str:
        """The tag which says that the image's tests passed."""
        return source.check_tag(self.check_inputs)


def name(settings: Settings, service: Service) -> Candidate:
    """Return SERVICE's candidate by the digests of its files; nothing is looked up."""
    arguments, platform = settings.arguments(service), ",".join(settings.platforms)
    return Candidate(
        service,
        inputs=source.digest(ROOT, service.inputs, arguments=arguments, platform=platform),
        check_inputs=source.digest(ROOT, service.check_inputs, arguments=arguments, platform=platform),
    )


async def look_up(settings: Settings, aws: Aws, services: Sequence[Service]) -> list[Candidate]:
    """Return the candidates of SERVICES with the digests that ECR has for their inputs."""

    async def one(service: Service) -> Candidate:
        wanted = await anyio.to_thread.run_sync(name, settings, service)
        digest = await anyio.to_thread.run_sync(ecr.find_image, aws, service.repository, wanted.image_tag)
        checked = await anyio.to_thread.run_sync(ecr.find_image, aws, service.repository, wanted.check_tag)
        return replace(wanted, digest=digest, checked=digest is not None and checked == digest)

    return await side_by_side(one, services)


async def build(engine: Engine, candidates: Sequence[Candidate]) -> None:
    """Build the images of CANDIDATES that have no digest yet, side by side; raise ImageFailed."""
    await side_by_side(engine.build, [each.service for each in candidates if each.digest is None])
