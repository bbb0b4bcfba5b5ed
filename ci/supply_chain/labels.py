"""What an image says of where it comes from: the labels and annotations of the OCI image specification."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ci.commit import commit, repository_on_github
from ci.git import git
from ci.settings import ROOT

if TYPE_CHECKING:
    from ci.services import Service

PREFIX = "org.opencontainers.image."
DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
# git's short form of an SSH address: user@host:path.
SSH = re.compile(r"^(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/].*)$")


@dataclass(frozen=True)
class Checkout:
    """
    Where a checkout comes from.

    `revision` is the whole commit and `created` its time, in UTC as RFC 3339;
    both are empty when something is not committed, since no commit tells what
    is then built. `source` is the repository's address, free of credentials.
    """

    revision: str = ""
    created: str = ""
    source: str = ""
    version: str = ""
    licenses: str = ""


def checkout() -> Checkout:
    """Return what git and pyproject.toml say of this checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    clean = bool(commit())
    seconds = git("log", "-1", "--format=%ct") if clean else ""
    return Checkout(
        revision=(git("rev-parse", "HEAD") or "") if clean else "",
        created=datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else "",
        source=_source(),
        version=project["version"],
        licenses=project["license"],
    )


def _source() -> str:
    return repository_on_github() or public(git("config", "--get", "remote.origin.url") or "")


def public(remote: str) -> str:
    """Return the address of the git REMOTE as a browser takes it, without credentials; empty when it has no host."""
    if match := SSH.match(remote):
        return f"https://{match['host']}/{match['path'].removesuffix('.git')}"
    parts = urlsplit(remote)
    if parts.scheme not in {"http", "https", "ssh", "git"} or not parts.hostname:
        return ""
    port = f":{parts.port}" if parts.port and parts.scheme in {"http", "https"} else ""
    return f"https://{parts.hostname}{port}{parts.path.removesuffix('.git')}"


def labels(service: Service, found: Checkout, base: str, base_digest: str) -> dict[str, str]:
    """Return what SERVICE's image says of itself: of the checkout FOUND and its base image; nothing that is unknown."""
    told = {
        "title": f"carepath-{service.name}",
        "description": f"CarePath {service.name}: synthetic patients only",
        "source": found.source,
        "revision": found.revision,
        "version": found.version,
        "created": found.created,
        "licenses": found.licenses,
        "base.name": base.partition("@")[0],
        "base.digest": base_digest if DIGEST.match(base_digest) else "",
    }
    return {f"{PREFIX}{name}": value for name, value in told.items() if value}
