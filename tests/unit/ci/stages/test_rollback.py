"""Going back: only to a release whose images are still there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.aws.release_history import remember
from ci.errors import NotReady
from ci.release import Release
from ci.services import SERVICES
from ci.stages.rollback import choose
from ci.terraform import backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.aws.client import Aws

pytestmark = pytest.mark.anyio

OLD = {service.image_key: f"r/{service.repository}@sha256:{1:064d}" for service in SERVICES}
NEW = {service.image_key: f"r/{service.repository}@sha256:{2:064d}" for service in SERVICES}


@pytest.fixture(autouse=True)
def recorded(aws: Aws, client: Callable[[str], Any]) -> None:
    """Have two releases, and their images in ECR."""
    client("s3").create_bucket(Bucket=backend.locate(aws).bucket)
    for service in SERVICES:
        client("ecr").create_repository(repositoryName=service.repository)
    for day, images in enumerate((OLD, NEW), start=1):
        run = {"run": f"{day}" * 8, "who": "ada", "commit": "c", "started": f"2026-01-{day:02d}T00:00:00Z"}
        remember(aws, run, Release(images), kind="deploy")
        for service in SERVICES:
            client("ecr").put_image(
                repositoryName=service.repository,
                imageManifest=json.dumps({"schemaVersion": 2, "of": images[service.image_key]}),
                imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
                imageTag=f"day-{day}",
                imageDigest=images[service.image_key].partition("@")[2],
            )


@pytest.mark.parametrize(
    ("gone", "how"),
    [
        (SERVICES[:1], "image"),
        *(
            pytest.param(gone, how, marks=pytest.mark.slow)
            for gone, how in [
                (SERVICES[1:], "image"),
                (SERVICES, "image"),
                (SERVICES[:1], "repository"),
                (SERVICES, "repository"),
            ]
        ),
    ],
)
async def test_image_that_is_gone_is_told_before_anything_is_planned(
    aws: Aws, client: Callable[[str], Any], gone: Any, how: str
) -> None:
    """ECR expires what was not kept: which services' images are missing, and two ways on."""
    for service in gone:
        if how == "image":
            ids = [{"imageTag": "day-1"}]
            client("ecr").batch_delete_image(repositoryName=service.repository, imageIds=ids)
        else:
            client("ecr").delete_repository(repositoryName=service.repository, force=True)

    with pytest.raises(NotReady) as caught:
        await choose(aws, Release(NEW))

    assert caught.value.code == "image_missing"
    for service in SERVICES:
        assert (service.name in caught.value.title) is (service in gone)
    assert "--to" in caught.value.hint


async def test_release_before_is_chosen(aws: Aws) -> None:
    """With its images, which are in ECR; a name chooses another."""
    assert (await choose(aws, Release(NEW))).images == OLD
    assert (await choose(aws, Release(NEW), "2026-01-02")).images == NEW
