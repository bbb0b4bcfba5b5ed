"""
List what an image holds: `python3 -I inventory.py` inside it prints one JSON document.

It is put into the image's container as this one file, so it needs Python's own
library only and nothing of the project.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

SITES = ("opt/venv/lib/python*/site-packages", "usr/local/lib/python*/site-packages", "usr/lib/python3/dist-packages")


def python_packages(root: Path) -> list[dict[str, str]]:
    """List the Python packages below ROOT: name, version, licence and the folder they lie in."""
    found = []
    for folder in sorted(path for pattern in SITES for path in root.glob(pattern)):
        for each in distributions(path=[str(folder)]):
            told: Any = each.metadata
            found.append(
                {
                    "name": told["Name"] or "",
                    "version": each.version,
                    "license": told.get("License-Expression") or "",
                    "folder": f"/{folder.relative_to(root).as_posix()}",
                }
            )
    return sorted(found, key=lambda each: (each["name"].lower(), each["folder"]))


def debian_packages(root: Path) -> list[dict[str, str]]:
    """List the installed Debian packages of ROOT: name, version, architecture and source package."""
    status = root / "var/lib/dpkg/status"
    found = []
    for paragraph in status.read_text().split("\n\n") if status.is_file() else ():
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Status") == "install ok installed":
            found.append(
                {
                    "name": fields["Package"],
                    "version": fields["Version"],
                    "architecture": fields["Architecture"],
                    "source": fields.get("Source", fields["Package"]).partition(" ")[0],
                }
            )
    return sorted(found, key=lambda each: (each["name"], each["architecture"]))


def system(root: Path) -> dict[str, str]:
    """Return ROOT's distribution and version, as its os-release names them."""
    release = root / "etc/os-release"
    lines = release.read_text().splitlines() if release.is_file() else []
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: fields.get(name.upper(), "").strip('"') for name in ("id", "version_id")}


def main(root: Path = Path("/")) -> None:
    """Print what is below ROOT."""
    document = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": system(root),
        "python_packages": python_packages(root),
        "debian_packages": debian_packages(root),
    }
    sys.stdout.write(json.dumps(document, sort_keys=True))


if __name__ == "__main__":
    main()
