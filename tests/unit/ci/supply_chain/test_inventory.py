"""Listing what an image holds, from the files that are in it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.settings import ROOT
from ci.supply_chain import inventory

if TYPE_CHECKING:
    from pathlib import Path

STATUS = """\
Package: zlib1g
Status: install ok installed
Architecture: amd64
Source: zlib
Version: 1:1.2.13.dfsg-1
Description: a library
 with: a line that goes on

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: base-files
Status: install ok installed
Architecture: all
Version: 12.4+deb12u5
"""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Lay out what an image has: two folders of packages, Debian's records and its name."""
    for folder, name, version in (
        ("opt/venv/lib/python3.11/site-packages", "Zope.Interface", "7.1"),
        ("opt/venv/lib/python3.11/site-packages", "anyio", "4.16.0"),
        ("usr/local/lib/python3.11/site-packages", "pip", "24.0"),
    ):
        place = tmp_path / folder / f"{name}-{version}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n")
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").write_text(STATUS)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    return tmp_path


def test_image_without_debian_lists_none(tmp_path: Path) -> None:
    """A base of another kind is no error."""
    assert inventory.debian_packages(tmp_path) == []
    assert inventory.python_packages(tmp_path) == []
    assert inventory.system(tmp_path) == {"id": "", "version_id": ""}


def test_removed_packages_are_not_listed(image: Path) -> None:
    """What only left its settings behind is not in the image."""
    assert inventory.debian_packages(image) == [
        {"name": "base-files", "version": "12.4+deb12u5", "architecture": "all", "source": "base-files"},
        {"name": "zlib1g", "version": "1:1.2.13.dfsg-1", "architecture": "amd64", "source": "zlib"},
    ]


def test_packages_of_every_folder_are_listed(image: Path) -> None:
    """The base image's own pip is in the image too."""
    found = [(each["name"], each["version"], each["folder"]) for each in inventory.python_packages(image)]

    assert found == [
        ("anyio", "4.16.0", "/opt/venv/lib/python3.11/site-packages"),
        ("pip", "24.0", "/usr/local/lib/python3.11/site-packages"),
        ("Zope.Interface", "7.1", "/opt/venv/lib/python3.11/site-packages"),
    ]


def test_it_runs_alone(tmp_path: Path) -> None:
    """As one file, in isolated mode and from another folder, it prints one JSON document."""
    alone = tmp_path / "inventory.py"
    alone.write_bytes((ROOT / "ci/supply_chain/inventory.py").read_bytes())

    done = subprocess.run([sys.executable, "-I", str(alone)], cwd=tmp_path, capture_output=True, text=True, check=True)

    document = json.loads(done.stdout)
    assert document["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(document) == {"python", "machine", "system", "python_packages", "debian_packages"}
