"""
What is attached to an image in its registry: documents that name the image as their `subject`.

ECR lists what refers to an image (OCI distribution 1.1). For a registry that
does not, the specification has the list under a tag made of the image's digest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci.registry.client import INDEX, MANIFEST, asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci.engines.base import Registry
    from ci.registry.client import Repository

EMPTY = "application/vnd.oci.empty.v1+json"
# Bytes. A document larger than this is none of ours.
LARGEST = 32 << 20


@dataclass(frozen=True)
class Document:
    """Something to attach: its CONTENT, of the kind MEDIA_TYPE; ANNOTATIONS tell it from others of its kind."""

    media_type: str
    content: bytes
    annotations: tuple[tuple[str, str], ...] = ()


def attach(registry: Registry, repository: str, digest: str, documents: Sequence[Document]) -> None:
    """Attach DOCUMENTS to the image DIGEST of REPOSITORY; the same ones again change nothing. Raises ImageFailed."""
    with asked(registry, repository, "keep a document beside an image") as place:
        media_type, content = place.manifest(digest)
        subject = {"mediaType": media_type, "digest": digest, "size": len(content)}
        attached = [_push(place, subject, each) for each in documents]
        if place.referrers(digest) is None:
            # Once, and with all of them: a tag here cannot be written a second time.
            index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": attached}
            place.put_manifest(INDEX, _encoded(index), tag=_tag(digest))


def attached(registry: Registry, repository: str, digest: str, media_type: str) -> list[bytes]:
    """Return the documents of the kind MEDIA_TYPE attached to the image DIGEST of REPOSITORY; raise ImageFailed."""
    with asked(registry, repository, "tell what is attached to an image") as place:
        listed = place.referrers(digest)
        if listed is None:
            listed = json.loads(place.tagged(_tag(digest)) or b"{}").get("manifests", [])
        # A registry need not tell the kind of what it lists, so only what is told to be another is passed over.
        wanted = [str(each["digest"]) for each in listed if each.get("artifactType", media_type) == media_type]
        return [content for each in wanted for content in _contents(place, each, digest, media_type)]


def _contents(place: Repository, digest: str, subject: str, media_type: str) -> Iterator[bytes]:
    manifest = json.loads(place.manifest(digest)[1])
    if manifest.get("artifactType") == media_type and manifest.get("subject", {}).get("digest") == subject:
        for layer in manifest["layers"]:
            if layer["size"] <= LARGEST:
                yield place.blob(layer["digest"])


def _push(place: Repository, subject: dict[str, Any], document: Document) -> dict[str, Any]:
    annotations = dict(document.annotations)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": document.media_type,
        "config": _blob(place, EMPTY, b"{}"),
        "layers": [_blob(place, document.media_type, document.content)],
        "subject": subject,
        "annotations": annotations,
    }
    content = _encoded(manifest)
    described = {"mediaType": MANIFEST, "digest": place.put_manifest(MANIFEST, content), "size": len(content)}
    return {**described, "artifactType": document.media_type, "annotations": annotations}


def _blob(place: Repository, media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": place.put_blob(content), "size": len(content)}


def _tag(digest: str) -> str:
    return digest.replace(":", "-")


def _encoded(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
