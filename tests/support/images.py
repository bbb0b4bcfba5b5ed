"""A tiny image, pushed to a registry as an engine pushes one: its configuration tells when each step ran."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ci import fingerprint as source
from ci.registry.client import INDEX, MANIFEST, asked
from ci.registry.referrers import Document, attach
from ci.supply_chain import provenance, sbom
from ci.supply_chain.labels import Checkout

if TYPE_CHECKING:
    from ci.engines.base import Registry
    from ci.services import Service

INVENTORY = json.dumps(
    {
        "python": "3.11.7",
        "machine": "x86_64",
        "system": {"id": "debian", "version_id": "12"},
        "python_packages": [
            {
                "name": "FastAPI",
                "version": "0.165.0",
                "license": "MIT",
                "folder": "/opt/venv/lib/python3.11/site-packages",
            }
        ],
        "debian_packages": [{"name": "libc6", "version": "2.36-9+deb12u9", "architecture": "amd64", "source": "glibc"}],
    }
)


def push(
    registry: Registry, repository: str, tag: str, *, of: str, platforms: int = 1, labels: dict[str, str] | None = None
) -> str:
    """Push an image that holds OF to REPOSITORY as TAG and return its digest; of several PLATFORMS, as an index."""
    with asked(registry, repository, "push an image") as place:
        layer = place.put_blob(of.encode())
        manifests = []
        for number in range(platforms):
            now = datetime.now(UTC).isoformat()
            config = {
                "architecture": f"a{number}",
                "config": {"Labels": labels or {}},
                "created": now,
                "history": [{"created": now, "created_by": "RUN"}, {"created": now, "empty_layer": True}],
                "rootfs": {"type": "layers", "diff_ids": [layer]},
            }
            content = json.dumps(config).encode()
            manifest = {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": place.put_blob(content),
                    "size": len(content),
                },
                "layers": [{"mediaType": "application/octet-stream", "digest": layer, "size": len(of)}],
            }
            encoded = json.dumps(manifest).encode()
            alone = tag if platforms == 1 else ""
            digest = place.put_manifest(MANIFEST, encoded, tag=alone)
            manifests.append({"mediaType": MANIFEST, "digest": digest, "size": len(encoded)})
        if platforms == 1:
            return digest
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
        return place.put_manifest(INDEX, json.dumps(index).encode(), tag=tag)


def whole(registry: Registry, service: Service, inputs: str = "1" * 64) -> str:
    """Push an image of SERVICE as `publish` leaves one of INPUTS: with its documents, and found by them."""
    digest = push(registry, service.repository, source.image_tag(inputs), of=inputs)
    bom = sbom.document(
        INVENTORY, repository=service.repository, digest=digest, platform="linux/amd64", base="b", base_digest=""
    )
    statement = provenance.statement(
        service,
        digest=digest,
        inputs=inputs,
        checkout=Checkout(),
        builder="urn:x",
        platforms=("linux/amd64",),
        arguments={"PYTHON_IMAGE": "b"},
        base_digest="",
    )
    documents = [Document(sbom.MEDIA_TYPE, bom), Document(provenance.MEDIA_TYPE, statement)]
    attach(registry, service.repository, digest, documents)
    return digest
