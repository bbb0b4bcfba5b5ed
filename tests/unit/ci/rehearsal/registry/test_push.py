"""What a push may bring, and what of it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from ci.rehearsal.registry import RegistryServer
from ci.tls import tls_context
from tests.unit.ci.rehearsal.registry.speaking import (
    BLOB,
    MANIFEST,
    REFERRER,
    REPOSITORY,
    TYPE,
    begin,
    code,
    digest,
    push,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_blob_that_does_not_have_its_digest_is_refused(registry: httpx.Client) -> None:
    """What was damaged on the way is not kept, under either digest."""
    reply = registry.put(begin(registry), params={"digest": digest(b"other")}, content=BLOB)

    assert (reply.status_code, code(reply)) == (400, "DIGEST_INVALID")
    for content in (BLOB, b"other"):
        assert registry.head(f"/v2/{REPOSITORY}/blobs/{digest(content)}").status_code == 404


def test_manifest_that_does_not_have_its_digest_is_refused(registry: httpx.Client) -> None:
    """A manifest put by digest has that digest."""
    reply = push(registry, digest(b"other"))

    assert (reply.status_code, code(reply)) == (400, "DIGEST_INVALID")


@pytest.mark.parametrize("wanted", ["", "sha256:12", "md5:12", "sha256:" + "G" * 64])
def test_upload_without_a_digest_is_not_kept(registry: httpx.Client, wanted: str) -> None:
    """An upload that does not say what it is ends as an error."""
    reply = registry.put(begin(registry), params={"digest": wanted}, content=BLOB)

    assert 400 <= reply.status_code < 500


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_unknown_upload_is_refused(registry: httpx.Client, method: str) -> None:
    """Content for an upload that nobody began goes nowhere, and the connection stays usable."""
    address = f"/v2/{REPOSITORY}/blobs/uploads/{'0' * 32}"

    reply = registry.request(method, address, params={"digest": digest(BLOB)}, content=BLOB)

    assert (reply.status_code, code(reply)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert registry.get("/v2/").status_code == 200


def test_a_finished_upload_cannot_be_finished_again(registry: httpx.Client) -> None:
    """Its place is gone once it is a blob."""
    location = begin(registry)
    registry.put(location, params={"digest": digest(BLOB)}, content=BLOB)

    assert registry.put(location, params={"digest": digest(BLOB)}, content=BLOB).status_code == 404


def test_upload_in_one_piece(registry: httpx.Client) -> None:
    """The content may come with the closing PUT."""
    reply = registry.put(begin(registry), params={"digest": digest(BLOB)}, content=BLOB)

    assert reply.status_code == 201
    assert reply.headers["Docker-Content-Digest"] == digest(BLOB)
    assert registry.get(reply.headers["Location"]).content == BLOB


def test_upload_in_pieces_of_unknown_size(registry: httpx.Client) -> None:
    """Chunked transfer, several PATCHes and a closing PUT make one blob, as engines push large layers."""
    location = begin(registry)

    for part in (BLOB[:2500], BLOB[2500:]):
        reply = registry.patch(location, content=iter([part[:100], part[100:]]))
        assert reply.request.headers["Transfer-Encoding"] == "chunked"
        assert reply.status_code == 202
        location = reply.headers["Location"]
    done = registry.put(location, params={"digest": digest(BLOB)}, content=b"")

    assert reply.headers["Range"] == f"0-{len(BLOB) - 1}"
    assert done.status_code == 201
    assert registry.get(f"/v2/{REPOSITORY}/blobs/{digest(BLOB)}").content == BLOB


def test_tag_moves_and_the_old_manifest_stays(registry: httpx.Client) -> None:
    """What was deployed by digest can be pulled after its tag named another image."""
    push(registry)
    newer = MANIFEST.replace(b"{}", b'{"new": 1}')

    push(registry, content=newer)

    assert registry.get(f"/v2/{REPOSITORY}/manifests/src-1").content == newer
    assert registry.get(f"/v2/{REPOSITORY}/manifests/{digest(MANIFEST)}").content == MANIFEST


def test_tag_belongs_to_its_repository(registry: httpx.Client) -> None:
    """The same tag in another repository is another image, or none."""
    push(registry)

    assert registry.get("/v2/team/other/manifests/src-1").status_code == 404


def test_ecr_is_told_of_images_and_of_nothing_else(registry: httpx.Client, announced: list[tuple[str, ...]]) -> None:
    """A push by tag is what `find_image` finds, one by digest has no tag yet; what refers to an image is none."""
    push(registry, digest(MANIFEST))
    push(registry)
    push(registry, digest(REFERRER), REFERRER)

    assert announced == [
        (REPOSITORY, "", digest(MANIFEST), TYPE, MANIFEST.decode()),
        (REPOSITORY, "src-1", digest(MANIFEST), TYPE, MANIFEST.decode()),
    ]


def test_push_to_an_unknown_repository_is_refused(tmp_path: Path) -> None:
    """Neither a layer nor a manifest is taken, and the connection stays usable."""
    with (
        RegistryServer(tmp_path, 0, lambda *_: None, knows=lambda name: name == REPOSITORY) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", verify=tls_context(), trust_env=False) as client,
    ):
        for reply in (
            client.post("/v2/team/other/blobs/uploads/"),
            client.put("/v2/team/other/manifests/src-1", content=MANIFEST, headers={"Content-Type": TYPE}),
        ):
            assert (reply.status_code, code(reply)) == (404, "NAME_UNKNOWN")

        assert push(client).status_code == 201
        assert client.get("/v2/team/other/manifests/src-1").status_code == 404
