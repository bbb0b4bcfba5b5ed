"""Make sure of what is about to be deployed: each image has its SBOM and a provenance that fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci import fingerprint as source
from ci.aws import ecr
from ci.concurrency import side_by_side
from ci.errors import ImageFailed
from ci.registry.referrers import attached
from ci.services import SERVICES
from ci.stages.login import login
from ci.supply_chain import provenance, sbom

if TYPE_CHECKING:
    from ci.aws.client import Aws
    from ci.engines.base import Engine, Registry
    from ci.release import Release
    from ci.services import Service
    from ci.settings import Settings

NOTHING = "no image was made, so there is nothing to verify"
HINT = (
    "Deploy an image that this pipeline has built. To have it built anew: aws ecr batch-delete-image "
    "--repository-name {repository} --image-ids imageTag={tag}, then deploy (docs/supply-chain.md)."
)


async def verify(engine: Engine, aws: Aws, settings: Settings, release: Release) -> str:
    """
    Return, in a line, what is known of the images of RELEASE.

    Raises ImageFailed for an image that has no SBOM, or no provenance that
    names its digest and the inputs which its `src-` tag stands for.
    """
    if not engine.makes_images:
        return NOTHING
    registry = await login(aws, settings, wanted=True)
    wanted = [each for each in SERVICES if each.image_key in release.references]

    async def one(service: Service) -> str:
        digest = release.references[service.image_key].partition("@")[2]
        return await anyio.to_thread.run_sync(_told, aws, registry, service, digest)

    return ", ".join(await side_by_side(one, wanted))


def _told(aws: Aws, registry: Registry, service: Service, digest: str) -> str:
    """Return what the documents of SERVICE's image DIGEST say; raise ImageFailed when one is missing or unfit."""
    tags = ecr.tags(aws, service.repository, digest)
    source_tag = next((each for each in tags if each.startswith(source.image_tag(""))), "")
    hint = HINT.format(repository=service.repository, tag=source_tag or "src-…")
    boms = [sbom.names(each) for each in attached(registry, service.repository, digest, sbom.MEDIA_TYPE)]
    components = [number for named, number in boms if named == digest]
    if not components:
        title = f"The image of {service.name} has no SBOM: {digest[:19]}."
        raise ImageFailed(title, code="sbom_missing", hint=hint)
    statements = attached(registry, service.repository, digest, provenance.MEDIA_TYPE)
    claims = [provenance.read(each) for each in statements]
    if not any(claims):
        title = f"The image of {service.name} has no provenance: {digest[:19]}."
        raise ImageFailed(title, code="provenance_missing", hint=hint)
    fitting = [
        each for each in claims if each and each.digest == digest and source_tag == source.image_tag(each.inputs)
    ]
    if not fitting:
        title = f"The provenance of {service.name}'s image does not fit it: {digest[:19]}."
        said = sorted(
            {f"it names {each.digest[:19]} made of {source.image_tag(each.inputs)}" for each in claims if each}
        )
        detail = f"{'; '.join(said)}, and the image's own tag is {source_tag or 'missing'}"
        raise ImageFailed(title, code="provenance_mismatch", detail=detail, hint=hint)
    revision = fitting[0].revision[:12]
    return f"{service.name}: {sum(components)} components" + (f", from {revision}" if revision else "")
