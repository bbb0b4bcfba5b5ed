"""How these tests speak to the registry: as an engine pushes and pulls."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

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
