"""The bill of materials: what it lists, how it names it, and that the same image has the same one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci.supply_chain import sbom
from tests.support.images import INVENTORY

DIGEST = f"sha256:{'a' * 64}"


def made(inventory: str = INVENTORY, digest: str = DIGEST, platform: str = "linux/amd64") -> bytes:
    return sbom.document(
        inventory,
        repository="carepath-db-api",
        digest=digest,
        platform=platform,
        base="python:3.11-slim",
        base_digest=f"sha256:{'b' * 64}",
    )


def components(content: bytes) -> dict[str, Any]:
    return {each["bom-ref"]: each for each in json.loads(content)["components"]}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{}", b'{"bomFormat": "SPDX"}', b'{"bomFormat": "CycloneDX", "components": []}', b"\xff"],
)
def test_what_is_no_sbom_names_nothing(content: bytes) -> None:
    """Anybody who may push may attach anything."""
    assert sbom.names(content) == ("", 0)


def test_same_image_has_the_same_sbom() -> None:
    """No time and no random number is in it; another image or platform has another serial number."""
    assert made() == made()
    numbers = {
        json.loads(each)["serialNumber"] for each in (made(), made(digest="sha256:1"), made(platform="linux/arm64"))
    }
    assert len(numbers) == 3


def test_it_names_image_and_base() -> None:
    """Its subject is the digest that is deployed; the base stands beside it."""
    subject = json.loads(made())["metadata"]["component"]

    assert sbom.names(made()) == (DIGEST, 4)
    assert (subject["type"], subject["name"], subject["version"]) == ("container", "carepath-db-api", DIGEST)
    assert {each["name"]: each["value"] for each in subject["properties"]} == {
        "carepath:base.name": "python:3.11-slim",
        "carepath:base.digest": f"sha256:{'b' * 64}",
        "carepath:platform": "linux/amd64",
    }


def test_packages_are_named_as_scanners_look_for_them() -> None:
    """Package URLs: PyPI's normal form, Debian's with architecture and release, a plus escaped."""
    found = components(made())

    assert set(found) == {
        "os:debian-12",
        "pkg:generic/cpython@3.11.7",
        "pkg:pypi/fastapi@0.165.0",
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12",
    }
    assert found["pkg:pypi/fastapi@0.165.0"]["licenses"] == [{"expression": "MIT"}]


def test_package_in_two_folders_is_one_component_with_both() -> None:
    """Every reference in the document is unique, as the format asks."""
    held = json.loads(INVENTORY)
    held["python_packages"].append({**held["python_packages"][0], "folder": "/usr/local/lib/python3.11/site-packages"})

    folders = components(made(json.dumps(held)))["pkg:pypi/fastapi@0.165.0"]["properties"]

    assert [each["value"] for each in folders] == [
        "/opt/venv/lib/python3.11/site-packages",
        "/usr/local/lib/python3.11/site-packages",
    ]
