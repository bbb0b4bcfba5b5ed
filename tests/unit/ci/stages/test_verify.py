"""Verifying: nothing is deployed that does not say, fittingly, what it holds and what it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.aws import ecr
from ci.engines.base import Registry
from ci.errors import ImageFailed
from ci.registry.referrers import Document, attach
from ci.release import Release
from ci.services import DB_API, SERVICES
from ci.stages.build import Candidate
from ci.stages.publish import publish
from ci.stages.verify import NOTHING, verify
from ci.supply_chain import provenance, sbom
from ci.supply_chain.labels import Checkout
from tests.support.images import INVENTORY, push
from tests.unit.ci.scripted import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.aws.client import Aws
    from ci.settings import Settings

pytestmark = pytest.mark.anyio

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
INPUTS = "1" * 64


@pytest.fixture(autouse=True)
def repositories(client: Callable[[str], Any]) -> None:
    """Have the repositories that Terraform makes."""
    for service in SERVICES:
        client("ecr").create_repository(repositoryName=service.repository)


@pytest.fixture
def place(settings: Settings) -> Registry:
    return Registry(HOST, endpoint=settings.registry_endpoint_url or "")


def release(digest: str) -> Release:
    return Release({DB_API.image_key: f"{HOST}/{DB_API.repository}@{digest}"})


def bill(digest: str) -> Document:
    content = sbom.document(
        INVENTORY, repository=DB_API.repository, digest=digest, platform="linux/amd64", base="b", base_digest=""
    )
    return Document(sbom.MEDIA_TYPE, content)


def statement(digest: str, inputs: str = INPUTS) -> Document:
    content = provenance.statement(
        DB_API,
        digest=digest,
        inputs=inputs,
        checkout=Checkout(),
        builder="urn:x",
        platforms=(),
        arguments={"PYTHON_IMAGE": "b"},
        base_digest="",
    )
    return Document(provenance.MEDIA_TYPE, content)


OTHER = f"sha256:{'f' * 64}"


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        pytest.param(lambda _: [], "sbom_missing", id="nothing"),
        pytest.param(lambda digest: [statement(digest)], "sbom_missing", id="no-sbom"),
        pytest.param(lambda digest: [bill(OTHER), statement(digest)], "sbom_missing", id="sbom-of-another"),
        pytest.param(lambda digest: [bill(digest)], "provenance_missing", id="no-provenance"),
        pytest.param(
            lambda digest: [bill(digest), Document(provenance.MEDIA_TYPE, b"{}")], "provenance_missing", id="no-claim"
        ),
        pytest.param(lambda digest: [bill(digest), statement(OTHER)], "provenance_mismatch", id="of-another"),
        pytest.param(
            lambda digest: [bill(digest), statement(digest, "2" * 64)], "provenance_mismatch", id="other-inputs"
        ),
    ],
)
async def test_image_that_does_not_say_what_it_is_is_refused(
    aws: Aws, settings: Settings, place: Registry, documents: Callable[[str], list[Document]], code: str
) -> None:
    """With code 5, before anything is applied; the sentence names the service, the hint the way out."""
    tag = Candidate(DB_API, INPUTS, INPUTS).image_tag
    digest = push(place, DB_API.repository, tag, of="image")
    attach(place, DB_API.repository, digest, documents(digest))

    with pytest.raises(ImageFailed) as caught:
        await verify(ScriptedEngine(), aws, settings, release(digest))

    assert (caught.value.code, caught.value.exit_code) == (code, 5)
    assert "db-api" in caught.value.title
    assert f"--repository-name {DB_API.repository} --image-ids imageTag={tag}" in caught.value.hint


async def test_image_without_its_tag_is_refused(aws: Aws, settings: Settings, place: Registry) -> None:
    """What no build of this pipeline ended with is not deployed, whatever is attached to it."""
    digest = push(place, DB_API.repository, "somebodys", of="image")
    attach(place, DB_API.repository, digest, [bill(digest), statement(digest)])

    with pytest.raises(ImageFailed) as caught:
        await verify(ScriptedEngine(), aws, settings, release(digest))

    assert caught.value.code == "provenance_mismatch"
    assert "missing" in caught.value.detail


async def test_image_of_another_registry_is_refused(aws: Aws, settings: Settings) -> None:
    """A digest that this account's registry does not have cannot be spoken for."""
    with pytest.raises(ImageFailed) as caught:
        await verify(ScriptedEngine(), aws, settings, release(OTHER))

    assert caught.value.exit_code == 5


async def test_forged_document_beside_the_right_one_changes_nothing(
    aws: Aws, settings: Settings, place: Registry
) -> None:
    """One that fits is enough: who may push could add others, and could as well push another image."""
    tag = Candidate(DB_API, INPUTS, INPUTS).image_tag
    digest = push(place, DB_API.repository, tag, of="image")
    attach(place, DB_API.repository, digest, [bill(OTHER), bill(digest), statement(OTHER), statement(digest)])

    assert await verify(ScriptedEngine(), aws, settings, release(digest)) == "db-api: 4 components"


async def test_what_was_published_passes(aws: Aws, settings: Settings) -> None:
    """Both services' images, as `publish` leaves them, and again on a later day for a rollback."""
    engine = ScriptedEngine()
    candidates = [Candidate(service, INPUTS, f"{service.port:064d}") for service in SERVICES]
    images = await publish(engine, aws, settings, candidates, "")
    ecr.tag_image(aws, images[0].service.repository, images[0].digest, "release-1")

    told = await verify(engine, aws, settings, Release({}).with_images(images))

    assert told.startswith("db-api: 4 components")
    assert ", chat-api: 4 components" in told


async def test_engine_that_makes_no_image_has_none_to_verify(aws: Aws, settings: Settings) -> None:
    """A rehearsal on this machine says so, and asks no registry."""
    engine = ScriptedEngine()
    engine.makes_images = False

    assert await verify(engine, aws, settings, release(OTHER)) == NOTHING
