"""The registry's stand-in, spoken to as an engine pushes and pulls."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from ci.rehearsal.registry import RegistryServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOB = b"layer " * 1000
MANIFEST = b'{"schemaVersion": 2, "config": {}, "layers": []}'
# A manifest that names the one above as its subject.
REFERRER = json.dumps(
    {
        "schemaVersion": 2,
        "artifactType": "application/x-note",
        "subject": {"digest": f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"},
        "annotations": {"a": "b"},
    }
).encode()
TYPE = "application/vnd.docker.distribution.manifest.v2+json"
REPOSITORY = "team/carepath-db-api"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def announced() -> list[tuple[str, ...]]:
    """Collect what the ECR API is told of."""
    return []


@pytest.fixture
def registry(tmp_path: Path, announced: list[tuple[str, ...]]) -> Iterator[httpx.Client]:
    """Speak to a registry that is empty."""
    with (
        RegistryServer(tmp_path, 0, lambda *told: announced.append(told)) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client,
    ):
        yield client


def begin(registry: httpx.Client) -> str:
    """Begin an upload and return where its content goes."""
    reply = registry.post(f"/v2/{REPOSITORY}/blobs/uploads/")
    assert reply.status_code == 202
    return reply.headers["Location"]


def push(registry: httpx.Client, tag: str = "src-1", content: bytes = MANIFEST) -> httpx.Response:
    return registry.put(f"/v2/{REPOSITORY}/manifests/{tag}", content=content, headers={"Content-Type": TYPE})


def code(reply: httpx.Response) -> str:
    """Return the error's code, which a client decides by."""
    value: str = reply.json()["errors"][0]["code"]
    return value


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


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (f"/v2/{REPOSITORY}/manifests/nothing", "MANIFEST_UNKNOWN"),
        (f"/v2/{REPOSITORY}/manifests/{digest(b'x')}", "MANIFEST_UNKNOWN"),
        (f"/v2/{REPOSITORY}/blobs/{digest(b'x')}", "BLOB_UNKNOWN"),
        ("/v2/_catalog/what", "NAME_UNKNOWN"),
        ("/", "NAME_UNKNOWN"),
    ],
)
def test_what_is_not_there_is_unknown(registry: httpx.Client, path: str, reason: str) -> None:
    """A client learns by GET and HEAD alike that it has to push, and by the code what is missing."""
    assert (registry.get(path).status_code, code(registry.get(path))) == (404, reason)
    assert registry.head(path).status_code == 404
    assert registry.head(path).content == b""


def test_a_finished_upload_cannot_be_finished_again(registry: httpx.Client) -> None:
    """Its place is gone once it is a blob."""
    location = begin(registry)
    registry.put(location, params={"digest": digest(BLOB)}, content=BLOB)

    assert registry.put(location, params={"digest": digest(BLOB)}, content=BLOB).status_code == 404


def test_version_is_asked_first(registry: httpx.Client) -> None:
    """Every client begins with the protocol's root, which asks for no password."""
    for path in ("/v2", "/v2/"):
        assert registry.get(path).status_code == 200
        assert registry.head(path).status_code == 200


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


def test_blob_is_announced_without_being_sent(registry: httpx.Client) -> None:
    """HEAD tells size and digest, so that what is there is not pushed again."""
    registry.put(begin(registry), params={"digest": digest(BLOB)}, content=BLOB)

    reply = registry.head(f"/v2/{REPOSITORY}/blobs/{digest(BLOB)}")

    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(BLOB))
    assert reply.headers["Docker-Content-Digest"] == digest(BLOB)


@pytest.mark.parametrize("by", ["src-1", digest(MANIFEST)])
def test_manifest_is_found_by_tag_and_by_digest(registry: httpx.Client, by: str) -> None:
    """It comes back byte for byte, with its own media type, by GET and HEAD."""
    assert push(registry).status_code == 201

    full = registry.get(f"/v2/{REPOSITORY}/manifests/{by}")
    head = registry.head(f"/v2/{REPOSITORY}/manifests/{by}")

    assert full.content == MANIFEST
    for reply in (full, head):
        assert reply.headers["Content-Type"] == TYPE
        assert reply.headers["Docker-Content-Digest"] == digest(MANIFEST)
        assert reply.headers["Content-Length"] == str(len(MANIFEST))


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


def test_referrers_of_an_image_are_listed(registry: httpx.Client) -> None:
    """Each is told with its kind, the push says that it was understood, and another repository knows of none."""
    reply = push(registry, digest(REFERRER), REFERRER)
    assert reply.headers["OCI-Subject"] == digest(MANIFEST)

    listed = registry.get(f"/v2/{REPOSITORY}/referrers/{digest(MANIFEST)}")
    (found,) = listed.json()["manifests"]
    assert listed.headers["Content-Type"] == "application/vnd.oci.image.index.v1+json"
    assert (found["digest"], found["size"]) == (digest(REFERRER), len(REFERRER))
    assert (found["artifactType"], found["annotations"]) == ("application/x-note", {"a": "b"})
    assert registry.get(f"/v2/team/other/referrers/{digest(MANIFEST)}").json()["manifests"] == []


@pytest.mark.parametrize(("kind", "number"), [("application/x-note", 1), ("application/x-other", 0)])
def test_referrers_are_filtered_by_kind(registry: httpx.Client, kind: str, number: int) -> None:
    """The answer says that it is."""
    push(registry, digest(REFERRER), REFERRER)

    listed = registry.get(f"/v2/{REPOSITORY}/referrers/{digest(MANIFEST)}", params={"artifactType": kind})

    assert len(listed.json()["manifests"]) == number
    assert listed.headers["OCI-Filters-Applied"] == "artifactType"


def test_image_nobody_refers_to_has_an_empty_list(registry: httpx.Client) -> None:
    """So a client learns that the registry keeps such lists, whether or not it has the image."""
    listed = registry.get(f"/v2/{REPOSITORY}/referrers/{digest(b'nothing')}")

    assert (listed.status_code, listed.json()["manifests"]) == (200, [])


def test_registry_of_old_keeps_no_such_list(tmp_path: Path) -> None:
    """It takes the manifest, says nothing of a subject, and has no address for the list."""
    with (
        RegistryServer(tmp_path, 0, lambda *_: None, lists=False) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client,
    ):
        reply = push(client, digest(REFERRER), REFERRER)
        assert (reply.status_code, "OCI-Subject" in reply.headers) == (201, False)
        assert client.get(f"/v2/{REPOSITORY}/referrers/{digest(MANIFEST)}").status_code == 404


def test_what_was_pushed_outlives_the_server(tmp_path: Path) -> None:
    """A second rehearsal finds the first one's images."""
    for first in (True, False):
        with (
            RegistryServer(tmp_path, 0, lambda *_: None) as server,
            httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client,
        ):
            if first:
                push(client)
            assert client.get(f"/v2/{REPOSITORY}/manifests/src-1").content == MANIFEST


def test_push_to_an_unknown_repository_is_refused(tmp_path: Path) -> None:
    """Neither a layer nor a manifest is taken, and the connection stays usable."""
    with (
        RegistryServer(tmp_path, 0, lambda *_: None, knows=lambda name: name == REPOSITORY) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client,
    ):
        for reply in (
            client.post("/v2/team/other/blobs/uploads/"),
            client.put("/v2/team/other/manifests/src-1", content=MANIFEST, headers={"Content-Type": TYPE}),
        ):
            assert (reply.status_code, code(reply)) == (404, "NAME_UNKNOWN")

        assert push(client).status_code == 201
        assert client.get("/v2/team/other/manifests/src-1").status_code == 404
