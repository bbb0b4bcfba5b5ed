"""The cloud's stand-in: what it offers, and what of it a second rehearsal finds again."""

from __future__ import annotations

import contextlib
import json
import socket
import stat
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ci.aws import ecr
from ci.aws import record_store as records
from ci.aws.client import Aws
from ci.errors import ImageFailed, PipelineError
from ci.rehearsal.cloud import ACCOUNT, CREDENTIALS, Cloud
from ci.settings import Settings
from ci.terraform import backend

if TYPE_CHECKING:
    from pathlib import Path

REPOSITORY = "carepath-db-api"
TYPE = "application/vnd.oci.image.manifest.v1+json"
MANIFEST = '{"schemaVersion": 2, "layers": []}'


def aws(cloud: Cloud) -> Aws:
    return Aws(cloud.settings(Settings()), cloud.region, CREDENTIALS)


def put(cloud: Cloud, tag: str) -> httpx.Response:
    return httpx.put(
        f"http://{cloud.registry}/v2/{REPOSITORY}/manifests/{tag}",
        content=MANIFEST,
        headers={"Content-Type": TYPE},
        trust_env=False,
    )


def push(cloud: Cloud, tag: str) -> str:
    """Push a manifest as TAG to the stand-in registry, made where it is missing, and return its digest."""
    if not cloud.knows(REPOSITORY):
        cloud.client("ecr").create_repository(repositoryName=REPOSITORY)
    reply = put(cloud, tag)
    assert reply.status_code == 201
    return reply.headers["Docker-Content-Digest"]


def opened(folder: Path) -> PipelineError | None:
    """Open and close stand-ins that keep what they hold in FOLDER; return what a person is told when they cannot be."""
    try:
        with Cloud(folder, "us-east-1") as cloud:
            push(cloud, "src-1")
    except PipelineError as error:
        return error
    return None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"objects": {', id="cut-off"),
        *(
            pytest.param(content, id=name, marks=pytest.mark.slow)
            for name, content in {
                "empty": b"",
                "nothing-in-it": b"{}",
                "another-shape": b"[]",
                "no-text": b"\xff",
                "an-older-version": b'{"objects": {}, "images": [], "tables": []}',
                "a-newer-version": b'{"version": 99}',
            }.items()
        ),
    ],
)
def test_records_that_cannot_be_read_are_taken_for_none(tmp_path: Path, content: bytes) -> None:
    """A rehearsal that was killed, or an older one's records, keep nobody from rehearsing; one line says so."""
    (tmp_path / "cloud.json").write_bytes(content)
    said: list[str] = []

    with Cloud(tmp_path, "us-east-1", say=said.append) as cloud:
        push(cloud, "src-1")
    with Cloud(tmp_path, "us-east-1", say=said.append) as cloud:
        assert ecr.find_image(aws(cloud), REPOSITORY, "src-1")

    (line,) = said
    assert "cloud.json" in line
    assert "begins anew" in line


def test_push_to_a_repository_that_nobody_made_is_refused(tmp_path: Path) -> None:
    """As ECR refuses it, in the registry and where a host rehearsal records its push; nothing is made by a push."""
    with Cloud(tmp_path, "us-east-1") as cloud:
        begun = httpx.post(f"http://{cloud.registry}/v2/{REPOSITORY}/blobs/uploads/", trust_env=False)
        reply = put(cloud, "src-1")
        with pytest.raises(ImageFailed) as caught:
            cloud.announce(REPOSITORY, "src-1", f"sha256:{'1' * 64}", TYPE, MANIFEST)

        assert not ecr.has_repository(aws(cloud), REPOSITORY)

    for each in (begun, reply):
        assert (each.status_code, each.json()["errors"][0]["code"]) == (404, "NAME_UNKNOWN")
    assert caught.value.code == "push_refused"
    assert "deploy" in caught.value.hint


def test_port_that_somebody_else_took_is_no_bug(tmp_path: Path) -> None:
    """The registry's port is part of every reference; when it is gone, a person is told what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        (tmp_path / "registry-port").write_text(str(other.getsockname()[1]))

        told = opened(tmp_path)

    assert told is None or told.hint


def test_stand_ins_end_with_the_block(tmp_path: Path) -> None:
    """Nothing listens any more, also when the deploy failed."""
    cloud = Cloud(tmp_path, "us-east-1")
    addresses = []

    with contextlib.suppress(ZeroDivisionError), cloud:
        addresses += [cloud.endpoint.removeprefix("http://"), cloud.registry, *cloud.providers.values()]
        raise ZeroDivisionError

    assert len(addresses) > 2
    for address in addresses:
        host, _, port = address.rpartition(":")
        with pytest.raises(ConnectionError):
            socket.create_connection((host, int(port)), timeout=1)


def test_settings_lead_to_the_stand_ins_only(tmp_path: Path) -> None:
    """Whatever the surroundings say, a rehearsal's state, images and providers are the stand-ins'."""
    real = Settings(
        aws_account_id="999999999999",
        state_bucket="a-real-bucket",
        registry="999999999999.dkr.ecr.us-east-1.amazonaws.com",
        terraform_variables={"TF_VAR_atlas_org_id": "a-real-organisation"},
    )

    with Cloud(tmp_path, "us-east-1") as cloud:
        told = cloud.settings(real)
        place = backend.locate(Aws(told, "us-east-1", CREDENTIALS))

    assert told.aws_endpoint_url == cloud.endpoint
    assert told.registry == cloud.registry
    assert place.bucket == f"carepath-tfstate-{ACCOUNT}-us-east-1"
    assert set(told.provider_addresses) >= {"registry.terraform.io/hashicorp/aws"}
    assert "a-real" not in str(told.model_dump())
    assert "9999" not in str(told.model_dump())


def test_push_is_found_by_the_api(tmp_path: Path) -> None:
    """What was pushed to the registry is an image of ECR's, by the same digest."""
    with Cloud(tmp_path, "us-east-1") as cloud:
        assert ecr.find_image(aws(cloud), REPOSITORY, "src-1") is None

        digest = push(cloud, "src-1")
        push(cloud, "src-1")

        assert ecr.find_image(aws(cloud), REPOSITORY, "src-1") == digest


@pytest.mark.parametrize("region", ["us-east-1", pytest.param("eu-central-1", marks=pytest.mark.slow)])
def test_second_rehearsal_finds_what_the_first_left(tmp_path: Path, region: str) -> None:
    """State, lock table, records, images and their tags are there again, under the same references."""
    with Cloud(tmp_path, region) as first:
        calls = aws(first)
        backend.make(calls)
        records.put(calls, "run.json", {"who": "ada"})
        ecr.tag_image(calls, REPOSITORY, push(first, "src-1"), "checked-1")
        registry, digest = first.registry, ecr.find_image(calls, REPOSITORY, "src-1")

    with Cloud(tmp_path, region) as second:
        calls = aws(second)

        assert backend.make(calls) == []
        assert records.get(calls, "run.json") == {"who": "ada"}
        assert (ecr.find_image(calls, REPOSITORY, "src-1"), ecr.find_image(calls, REPOSITORY, "checked-1")) == (
            digest,
            digest,
        )
        assert second.registry == registry


def test_state_is_found_among_very_many_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rehearsal adds a record; however many pages they fill, the state is not pushed out."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    with Cloud(tmp_path, "us-east-1") as first:
        calls = aws(first)
        backend.make(calls)
        put_state(first, calls, *(f"demo/releases/{number}.json" for number in range(4)), "demo/terraform.tfstate")

    kept = json.loads((tmp_path / "cloud.json").read_text())["objects"]
    assert "demo/terraform.tfstate" in kept[backend.locate(calls).bucket]
    assert len(kept[backend.locate(calls).bucket]) == 5


def test_lock_of_a_killed_rehearsal_is_forgotten(tmp_path: Path) -> None:
    """Nobody holds a lock of stand-ins that are gone; the state itself stays."""
    with Cloud(tmp_path, "us-east-1") as first:
        calls = aws(first)
        backend.make(calls)
        put_state(first, calls, "demo/terraform.tfstate", "demo/terraform.tfstate.tflock")

    with Cloud(tmp_path, "us-east-1") as second:
        listed = second.client("s3").list_objects_v2(Bucket=backend.locate(aws(second)).bucket)["Contents"]

    assert [each["Key"] for each in listed] == ["demo/terraform.tfstate"]


def put_state(cloud: Cloud, calls: Aws, *keys: str) -> None:
    s3, bucket = cloud.client("s3"), backend.locate(calls).bucket
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"{}")


def test_what_is_kept_is_private(tmp_path: Path) -> None:
    """A state holds values, a stand-in's too: only its owner reads it."""
    with Cloud(tmp_path / "rehearsal", "us-east-1") as cloud:
        backend.make(aws(cloud))

    kept: Any = json.loads((tmp_path / "rehearsal/cloud.json").read_text())
    assert kept
    assert stat.S_IMODE((tmp_path / "rehearsal").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "rehearsal/cloud.json").stat().st_mode) == 0o600
