"""What a pull is answered: what is there, what is not, and what refers to an image."""

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


def test_version_is_asked_first(registry: httpx.Client) -> None:
    """Every client begins with the protocol's root, which asks for no password."""
    for path in ("/v2", "/v2/"):
        assert registry.get(path).status_code == 200
        assert registry.head(path).status_code == 200


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
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", verify=tls_context(), trust_env=False) as client,
    ):
        reply = push(client, digest(REFERRER), REFERRER)
        assert (reply.status_code, "OCI-Subject" in reply.headers) == (201, False)
        assert client.get(f"/v2/{REPOSITORY}/referrers/{digest(MANIFEST)}").status_code == 404
