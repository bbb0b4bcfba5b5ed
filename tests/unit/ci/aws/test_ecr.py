"""What ECR holds: images found by tag, tags that never move."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.aws import ecr
from ci.errors import ImageFailed, NotReady

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.aws.client import Aws

    Client = Callable[..., Any]

REPOSITORY = "carepath-db-api"
MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def push(client: Client) -> Callable[[str], str]:
    """Return a function that pushes an image under a tag and returns its digest."""
    ecr = client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY)

    def one(tag: str) -> str:
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": {}, "layers": [], "of": tag})
        digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
        ecr.put_image(
            repositoryName=REPOSITORY,
            imageManifest=manifest,
            imageManifestMediaType=MEDIA_TYPE,
            imageTag=tag,
            imageDigest=digest,
        )
        return digest

    return one


def test_nothing_is_found_where_there_is_no_repository(aws: Aws) -> None:
    """Before the very first deploy there is none, which is no fault."""
    assert ecr.find_image(aws, "carepath-nothing", "src-1") is None


def test_nothing_is_found_under_another_tag(aws: Aws, push: Callable[[str], str]) -> None:
    """An image is found by its own inputs only."""
    push("src-1")

    assert ecr.find_image(aws, REPOSITORY, "src-2") is None


def test_image_is_found_by_its_tag(aws: Aws, push: Callable[[str], str]) -> None:
    """What was pushed comes back by digest, whichever runner asks."""
    first, second = push("src-1"), push("src-2")

    assert ecr.find_image(aws, REPOSITORY, "src-1") == first
    assert ecr.find_image(aws, REPOSITORY, "src-2") == second


def test_tag_of_another_image_is_refused(aws: Aws, push: Callable[[str], str]) -> None:
    """Tags are immutable: what a commit's tag meant yesterday it means today."""
    first, second = push("src-1"), push("src-2")
    ecr.tag_image(aws, REPOSITORY, first, "git-0123456789ab")

    with pytest.raises(ImageFailed) as caught:
        ecr.tag_image(aws, REPOSITORY, second, "git-0123456789ab")

    assert caught.value.code == "tag_taken"
    assert ecr.find_image(aws, REPOSITORY, "git-0123456789ab") == first


def test_a_further_tag_names_the_same_image(aws: Aws, push: Callable[[str], str]) -> None:
    """A tag for people is added without a push, and adding it again is nothing new."""
    digest = push("src-1")

    for _ in range(2):
        ecr.tag_image(aws, REPOSITORY, digest, "git-0123456789ab")

    assert ecr.find_image(aws, REPOSITORY, "git-0123456789ab") == digest
    assert ecr.find_image(aws, REPOSITORY, "src-1") == digest


def test_tagging_where_there_is_no_repository_is_told(aws: Aws) -> None:
    """A repository that somebody removed in between is a sentence."""
    with pytest.raises(NotReady) as caught:
        ecr.tag_image(aws, "carepath-nothing", f"sha256:{'0' * 64}", "git-1")

    assert caught.value.code == "aws_refused"


def test_tagging_an_image_that_is_not_there_is_told(aws: Aws, push: Callable[[str], str]) -> None:
    """An image that a clean-up removed in between is a sentence, not a bug."""
    push("src-1")

    with pytest.raises((ImageFailed, NotReady)):
        ecr.tag_image(aws, REPOSITORY, f"sha256:{'0' * 64}", "git-1")
