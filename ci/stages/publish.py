"""Push what was built and checked; from here on an image is known by its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci.engines.base import Registry
from ci.release import Image
from ci.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.aws import Aws
    from ci.engines.base import Engine
    from ci.settings import Settings
    from ci.stages.build import Candidate


async def publish(
    engine: Engine, aws: Aws, settings: Settings, candidates: Sequence[Candidate], commit: str
) -> list[Image]:
    """
    Return the images of CANDIDATES as `repository@sha256:…`, pushing those that are not in the registry yet.

    All of them are checked by now, which is kept as a tag; COMMIT, when not
    empty, is one more tag, for people.
    """
    host = await anyio.to_thread.run_sync(aws.registry)
    missing = any(each.digest is None for each in candidates)
    # A stand-in registry asks for no password; ECR's is fetched only when something is pushed.
    password = await anyio.to_thread.run_sync(aws.registry_password) if missing and not settings.registry else ""
    registry = Registry(host, password)

    async def one(candidate: Candidate) -> Image:
        service = candidate.service
        digest = candidate.digest or await engine.publish(service, candidate.image_tag, registry)
        for tag in filter(None, [candidate.check_tag, commit and f"git-{commit}"]):
            await anyio.to_thread.run_sync(aws.tag_image, service.repository, digest, tag)
        return Image(service, f"{host}/{service.repository}@{digest}", reused=candidate.digest is not None)

    return await side_by_side(one, candidates)
