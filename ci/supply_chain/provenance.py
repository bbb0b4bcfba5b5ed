"""
How an image came to be: an in-toto statement with a SLSA provenance.

https://slsa.dev/spec/v1.0/provenance. It is not signed, so it says what the
pipeline did, and proves it only as far as the registry's write access is
guarded (docs/supply-chain.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci.services import Service
    from ci.supply_chain.labels import Checkout

MEDIA_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:carepath:image:v1"
INPUTS = "urn:carepath:inputs"


@dataclass(frozen=True)
class Claim:
    """What a provenance says: of which image (`sha256:…`), made of which inputs (64 hex digits), at which commit."""

    digest: str
    inputs: str
    revision: str


def statement(
    service: Service,
    *,
    digest: str,
    inputs: str,
    checkout: Checkout,
    builder: str,
    platforms: Sequence[str],
    arguments: Mapping[str, str],
    base_digest: str,
) -> bytes:
    """Return the statement that BUILDER made the image DIGEST of SERVICE from INPUTS, with the build's ARGUMENTS."""
    base = arguments["PYTHON_IMAGE"]
    materials: list[dict[str, Any]] = [{"uri": INPUTS, "digest": {"sha256": inputs}}]
    if base_digest:
        materials.append(
            {"uri": f"docker:{base.partition('@')[0]}", "digest": {"sha256": base_digest.removeprefix("sha256:")}}
        )
    if checkout.revision:
        address = f"git+{checkout.source}" if checkout.source else "git"
        materials.append({"uri": address, "digest": {"gitCommit": checkout.revision}})
    content = {
        "_type": STATEMENT,
        "subject": [{"name": service.repository, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "service": service.name,
                    "dockerfile": service.dockerfile,
                    "platforms": list(platforms),
                    "arguments": dict(arguments),
                },
                "resolvedDependencies": materials,
            },
            "runDetails": {"builder": {"id": builder}},
        },
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def read(content: bytes) -> Claim | None:
    """Return what the statement CONTENT claims, or None when it is no provenance of this pipeline's kind."""
    try:
        found = json.loads(content)
        definition = found["predicate"]["buildDefinition"]
        if (found["_type"], found["predicateType"], definition["buildType"]) != (STATEMENT, PREDICATE, BUILD_TYPE):
            return None
        (subject,) = found["subject"]
        materials = definition["resolvedDependencies"]
        (inputs,) = [each["digest"]["sha256"] for each in materials if each["uri"] == INPUTS]
        revision = next((each["digest"]["gitCommit"] for each in materials if "gitCommit" in each["digest"]), "")
        return Claim(f"sha256:{subject['digest']['sha256']}", str(inputs), str(revision))
    except (ValueError, KeyError, TypeError):
        return None
