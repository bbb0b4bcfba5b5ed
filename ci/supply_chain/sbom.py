"""
The bill of materials of an image, as CycloneDX 1.6 has it.

https://cyclonedx.org/docs/1.6/json/ tells of each field. The same image gives
the same document: no time, no random number.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

MEDIA_TYPE = "application/vnd.cyclonedx+json"

Component = dict[str, Any]


def document(inventory: str, *, repository: str, digest: str, platform: str, base: str, base_digest: str) -> bytes:
    """
    Return the SBOM of the image DIGEST of REPOSITORY on PLATFORM, made on BASE.

    INVENTORY is what ci/supply_chain/inventory.py printed inside that image.
    """
    held = json.loads(inventory)
    subject = {
        "bom-ref": f"pkg:oci/{repository}@{quote(digest, safe='')}",
        "type": "container",
        "name": repository,
        "version": digest,
        "purl": f"pkg:oci/{repository}@{quote(digest, safe='')}",
        "properties": _properties({"platform": platform, "base.name": base, "base.digest": base_digest}),
    }
    components = [_interpreter(held["python"]), _system(held["system"])]
    components += [_debian(each, held["system"]) for each in held["debian_packages"]]
    components += _python(held["python_packages"])
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{repository}@{digest}#{platform}')}",
        "version": 1,
        "metadata": {"component": subject},
        "components": sorted(components, key=lambda each: str(each["bom-ref"])),
    }
    return json.dumps(bom, sort_keys=True, separators=(",", ":")).encode()


def names(content: bytes) -> tuple[str, int]:
    """Return which digest the SBOM CONTENT speaks of and how many components it lists; ("", 0) when it is none."""
    try:
        bom = json.loads(content)
        if bom["bomFormat"] == "CycloneDX":
            return str(bom["metadata"]["component"]["version"]), len(bom["components"])
    except (ValueError, KeyError, TypeError):
        pass
    return "", 0


def _properties(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": f"carepath:{name}", "value": value} for name, value in sorted(values.items()) if value]


def _interpreter(version: str) -> Component:
    purl = f"pkg:generic/cpython@{version}"
    return {"bom-ref": purl, "type": "platform", "name": "cpython", "version": version, "purl": purl}


def _system(held: dict[str, str]) -> Component:
    name, version = held["id"] or "unknown", held["version_id"]
    return {"bom-ref": f"os:{name}-{version}", "type": "operating-system", "name": name, "version": version}


def _debian(held: dict[str, str], system: dict[str, str]) -> Component:
    distro = f"{system['id']}-{system['version_id']}"
    version, name = quote(held["version"], safe=":~."), quote(held["name"], safe="")
    purl = f"pkg:deb/{system['id'] or 'debian'}/{name}@{version}?arch={held['architecture']}&distro={distro}"
    return {
        "bom-ref": purl,
        "type": "library",
        "name": held["name"],
        "version": held["version"],
        "purl": purl,
        "properties": _properties({"debian.source": held["source"]}),
    }


def _python(packages: list[dict[str, str]]) -> list[Component]:
    """Return one component for each of PACKAGES; the same one in two folders is one component with both."""
    found: dict[str, Component] = {}
    for each in packages:
        name = re.sub(r"[-_.]+", "-", each["name"]).lower()
        purl = f"pkg:pypi/{name}@{quote(each['version'], safe='')}"
        component = found.setdefault(
            purl,
            {
                "bom-ref": purl,
                "type": "library",
                "name": name,
                "version": each["version"],
                "purl": purl,
                "properties": [],
            },
        )
        component["properties"] += _properties({"folder": each["folder"]})
        if each["license"]:
            component["licenses"] = [{"expression": each["license"]}]
    return list(found.values())
