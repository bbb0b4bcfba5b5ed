"""
An image without the time of its build.

The engine writes into an image's configuration when it ran each step, and has
no setting against it. The layers do not change when the same files are built
again (docs/supply-chain.md), so with these times gone nor does the digest.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ci.errors import ImageFailed
from ci.registry.client import INDEX, asked

if TYPE_CHECKING:
    from ci.engines.base import Registry
    from ci.registry.client import Repository

# For files of no commit: a time that is told apart from any real one.
EPOCH = "1970-01-01T00:00:00Z"


def settle(registry: Registry, repository: str, digest: str, created: str) -> str:
    """
    Push the image DIGEST of REPOSITORY again as CREATED (RFC 3339, or empty) and return its new digest.

    Only manifest and configuration are pushed: the layers are there. It has no
    tag. Raises ImageFailed.
    """
    with asked(registry, repository, "keep an image without its build's time") as place:
        return _settle(place, digest, created or EPOCH)


def _settle(place: Repository, digest: str, created: str) -> str:
    media_type, content = place.manifest(digest)
    manifest = json.loads(content)
    if media_type == INDEX:
        for each in manifest["manifests"]:
            each["digest"] = _settle(place, each["digest"], created)
            each["size"] = len(place.manifest(each["digest"])[1])
    else:
        config = _without_times(json.loads(place.blob(manifest["config"]["digest"])), created)
        manifest["config"]["digest"] = place.put_blob(config)
        manifest["config"]["size"] = len(config)
    return place.put_manifest(media_type, json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode())


def _without_times(config: dict[str, Any], created: str) -> bytes:
    """Return CONFIG as CREATED then; a step of its history need not say when it ran, so none does."""
    if "rootfs" not in config:
        title = "What was pushed is no image: its configuration names no layers."
        raise ImageFailed(title, code="registry_damaged", hint="Run it again; if it comes back, report it as a bug.")
    for step in config.get("history", ()):
        step.pop("created", None)
    return json.dumps({**config, "created": created}, sort_keys=True, separators=(",", ":")).encode()
