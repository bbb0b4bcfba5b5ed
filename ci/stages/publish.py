"""Push what was built and checked; from here on an image is known by its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import anyio

from ci import fingerprint as source
from ci.aws import ecr
from ci.concurrency import side_by_side
from ci.errors import ImageFailed, NotReady
from ci.registry.referrers import attach
from ci.registry.reproducible import settle
from ci.release import Image
from ci.stages.login import login
from ci.supply_chain import attest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.aws.client import Aws
    from ci.engines.base import Engine, Registry
    from ci.services import Service
    from ci.settings import Settings
    from ci.stages.build import Candidate


async def missing(aws: Aws, services: Sequence[Service]) -> list[str]:
    """Return which repositories of SERVICES ECR does not have."""
    names = [each.repository for each in services]
    found = await side_by_side(lambda name: anyio.to_thread.run_sync(ecr.has_repository, aws, name), names)
    return [name for name, there in zip(names, found, strict=True) if not there]


async def require_repositories(aws: Aws, services: Sequence[Service]) -> None:
    """Raise NotReady when ECR lacks a repository of SERVICES: Terraform makes them, a push does not."""
    if names := await missing(aws, services):
        title = f"There is no repository {' and no '.join(names)} yet."
        hint = "`python ci/main.py deploy`, without --service, makes the repositories first."
        raise NotReady(title, code="repository_missing", hint=hint)


async def publish(
    engine: Engine, aws: Aws, settings: Settings, candidates: Sequence[Candidate], commit: str
) -> list[Image]:
    """
    Return the images of CANDIDATES as `repository@sha256:…`, pushing those that are not in the registry yet.

    All of them are checked by now, which is kept as a tag; COMMIT, when not
    empty, is one more tag, for people. It stays with the first image that got
    it: another base or platform makes another image of the same commit.
    """
    new = [each for each in candidates if each.digest is None]
    registry = await login(aws, settings, wanted=bool(new))
    pushed = await _push(engine, aws, settings, new, registry)

    async def one(candidate: Candidate) -> Image:
        service = candidate.service
        digest = candidate.digest or pushed[service]
        await anyio.to_thread.run_sync(ecr.tag_image, aws, service.repository, digest, candidate.check_tag)
        if commit:
            await anyio.to_thread.run_sync(_tag_for_people, aws, service.repository, digest, f"git-{commit}")
        return Image(service, f"{registry.host}/{service.repository}@{digest}", reused=candidate.digest is not None)

    return await side_by_side(one, candidates)


async def _push(
    engine: Engine, aws: Aws, settings: Settings, new: Sequence[Candidate], registry: Registry
) -> dict[Service, str]:
    """
    Push the images of NEW with what is attached to each, and return their digests.

    The tag by which an image is looked up comes last: whoever is killed before
    leaves an image that no later run finds, never one without its documents.
    """
    if not new:
        return {}
    makings = await attest.makings(engine, settings)

    async def one(candidate: Candidate) -> str:
        service = candidate.service
        attempt = source.build_tag(candidate.inputs, uuid4().hex)
        digest = await engine.publish(service, attempt, registry, makings.labels(service))
        if engine.makes_images:
            created = makings.checkout.created
            digest = await anyio.to_thread.run_sync(settle, registry, service.repository, digest, created)
            documents = await attest.documents(engine, candidate, digest, makings)
            await anyio.to_thread.run_sync(attach, registry, service.repository, digest, documents)
        return await anyio.to_thread.run_sync(_claim, aws, service.repository, digest, candidate.image_tag)

    return {each.service: digest for each, digest in zip(new, await side_by_side(one, new), strict=True)}


def _claim(aws: Aws, repository: str, digest: str, tag: str) -> str:
    """Give the image DIGEST its TAG and return it; where another run was first, return that run's image instead."""
    try:
        ecr.tag_image(aws, repository, digest, tag)
    except ImageFailed as error:
        if error.code != "tag_taken":
            raise
        return ecr.find_image(aws, repository, tag) or digest
    return digest


def _tag_for_people(aws: Aws, repository: str, digest: str, tag: str) -> None:
    try:
        ecr.tag_image(aws, repository, digest, tag)
    except ImageFailed as error:
        if error.code != "tag_taken":
            raise
