"""Building: an image is found by what it is made of, and only what is missing is built."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from ci.errors import ImageFailed, NotReady
from ci.services import CHAT_API, DB_API, SERVICES, Service
from ci.settings import Settings
from ci.stages.build import Candidate, build, look_up, name
from tests.unit.ci.scripted import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci.aws.client import Aws

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("source_tree")]


def put(client: Callable[..., Any], service: Service, *tags: str, content: str = "") -> str:
    """Give ECR an image of SERVICE with TAGS; return its digest."""
    ecr = client("ecr")
    manifest = json.dumps({"schemaVersion": 2, "content": content})
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    if service.repository not in [each["repositoryName"] for each in ecr.describe_repositories()["repositories"]]:
        ecr.create_repository(repositoryName=service.repository)
    for tag in tags:
        ecr.put_image(
            repositoryName=service.repository,
            imageManifest=manifest,
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
            imageTag=tag,
            imageDigest=digest,
        )
    return digest


async def test_missing_input_is_told(aws: Aws, source_tree: Path) -> None:
    """An incomplete checkout is never looked up as if it were whole."""
    (source_tree / DB_API.lock).unlink()

    with pytest.raises(NotReady) as caught:
        await look_up(Settings(), aws, SERVICES)

    assert caught.value.code == "source_missing"
    assert DB_API.lock in caught.value.title


async def test_both_build_failures_are_told() -> None:
    """One service's failure hides neither the other's failure nor its image."""
    errors = {
        service.name: ImageFailed(f"{service.name} failed.", code="build_failed", detail="log") for service in SERVICES
    }

    with pytest.raises(ImageFailed) as caught:
        await build(ScriptedEngine(build=errors), [name(Settings(), service) for service in SERVICES])

    told = f"{caught.value.title} {caught.value.detail}"
    assert all(error.title in told for error in errors.values())


async def test_nothing_is_found_where_nothing_was_pushed(aws: Aws) -> None:
    """Before the repositories exist every image is missing, which is no fault."""
    found = await look_up(Settings(), aws, SERVICES)

    assert [(each.service, each.digest, each.checked) for each in found] == [
        (DB_API, None, False),
        (CHAT_API, None, False),
    ]


async def test_image_of_the_same_inputs_is_found(aws: Aws, client: Callable[..., Any]) -> None:
    """Its digest comes from the registry, and the other service's is still missing."""
    digest = put(client, DB_API, name(Settings(), DB_API).image_tag)

    db_api, chat_api = await look_up(Settings(), aws, SERVICES)

    assert (db_api.digest, db_api.checked) == (digest, False)
    assert chat_api.digest is None


async def test_image_is_checked_when_its_tests_passed_in_it(aws: Aws, client: Callable[..., Any]) -> None:
    """The tag of a check counts only where it names this very image."""
    wanted = {service: name(Settings(), service) for service in SERVICES}
    put(client, DB_API, wanted[DB_API].image_tag, wanted[DB_API].check_tag)
    put(client, CHAT_API, wanted[CHAT_API].image_tag)
    put(client, CHAT_API, wanted[CHAT_API].check_tag, content="another image")

    db_api, chat_api = await look_up(Settings(), aws, SERVICES)

    assert (db_api.checked, chat_api.checked) == (True, False)


async def test_only_what_is_missing_is_built() -> None:
    """An image that the registry has is not built again."""
    engine = ScriptedEngine()

    await build(engine, [Candidate(DB_API, "i", "c", digest="sha256:1"), Candidate(CHAT_API, "i", "c")])

    assert engine.asked["build"] == ["chat-api"]


async def test_both_are_built_at_once() -> None:
    """Each build waits until the other has begun."""
    begun = {service.name: anyio.Event() for service in SERVICES}
    engine = ScriptedEngine()

    async def during(_: str, service: Service) -> None:
        begun[service.name].set()
        for each in begun.values():
            await each.wait()

    engine.during = during

    with anyio.fail_after(5):
        await build(engine, [name(Settings(), service) for service in SERVICES])


def test_changed_tests_mean_the_same_image_and_a_new_check(source_tree: Path) -> None:
    """A test is no part of an image, but what it found yesterday is no answer today."""
    before = name(Settings(), DB_API)
    (source_tree / f"tests/unit/{DB_API.package}/test_new.py").touch()

    after = name(Settings(), DB_API)

    assert after.image_tag == before.image_tag
    assert after.check_tag != before.check_tag


def test_change_of_one_service_leaves_the_other_alone(source_tree: Path) -> None:
    """A line in db-api makes no new chat-api; one in what both share makes both new."""

    def tags() -> list[str]:
        return [name(Settings(), service).image_tag for service in SERVICES]

    before = tags()
    (source_tree / DB_API.package / "file.py").write_text("changed")
    one_changed = tags()
    (source_tree / "service_kit/file.py").write_text("changed")
    both_changed = tags()

    assert [old == new for old, new in zip(before, one_changed, strict=True)] == [False, True]
    assert [old == new for old, new in zip(one_changed, both_changed, strict=True)] == [False, False]
