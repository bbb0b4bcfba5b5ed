"""What is said of an image beside it: what it holds, and how it came to be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from ci.commit import builder
from ci.errors import ImageFailed
from ci.registry.referrers import Document
from ci.supply_chain import labels as checkout
from ci.supply_chain import provenance, sbom

if TYPE_CHECKING:
    from ci.engines.base import Contents, Engine
    from ci.services import Service
    from ci.settings import Settings
    from ci.stages.build import Candidate
    from ci.supply_chain.labels import Checkout

# An engine takes a base image that is for one platform only whichever is asked for.
MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}


@dataclass(frozen=True)
class Makings:
    """What all images of a run are made of and by: settings, checkout, the base image's digest, who builds."""

    settings: Settings
    checkout: Checkout
    base_digest: str
    builder: str

    def labels(self, service: Service) -> dict[str, str]:
        """Return what SERVICE's image says of itself."""
        return checkout.labels(service, self.checkout, self.settings.python_image, self.base_digest)


async def makings(engine: Engine, settings: Settings) -> Makings:
    """Return what images built now are made of; raise ImageFailed when the base image cannot be had."""
    return Makings(
        settings,
        checkout=await anyio.to_thread.run_sync(checkout.checkout),
        base_digest=await engine.base(),
        builder=builder(),
    )


async def documents(engine: Engine, candidate: Candidate, digest: str, made_of: Makings) -> list[Document]:
    """Return the SBOM of the image DIGEST on each platform, and its provenance; raise ImageFailed."""
    contents = await engine.contents(candidate.service)
    for each in contents:
        _expect_platform(candidate.service, each)
    service, base = candidate.service, made_of.settings.python_image.partition("@")[0]
    found = [
        Document(
            sbom.MEDIA_TYPE,
            sbom.document(
                each.inventory,
                repository=service.repository,
                digest=digest,
                platform=each.platform,
                base=base,
                base_digest=made_of.base_digest,
            ),
            (("carepath.platform", each.platform),),
        )
        for each in contents
    ]
    statement = provenance.statement(
        service,
        digest=digest,
        inputs=candidate.inputs,
        checkout=made_of.checkout,
        builder=made_of.builder,
        platforms=made_of.settings.platforms,
        arguments=made_of.settings.arguments(service),
        base_digest=made_of.base_digest,
    )
    return [*found, Document(provenance.MEDIA_TYPE, statement, (("in-toto.io/predicate-type", provenance.PREDICATE),))]


def _expect_platform(service: Service, found: Contents) -> None:
    """Raise ImageFailed when what was asked says that it runs on another machine than its platform's."""
    machine = json.loads(found.inventory)["machine"]
    if machine != MACHINES[found.platform]:
        title = f"The image of {service.name} for {found.platform} is one for {machine}."
        hint = (
            "Choose a base image that has this platform (CAREPATH_PYTHON_IMAGE), or leave it out of CAREPATH_PLATFORM."
        )
        raise ImageFailed(title, code="wrong_platform", hint=hint)
