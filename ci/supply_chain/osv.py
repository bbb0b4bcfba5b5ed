"""
Whether something that the images are made of has a published vulnerability: `python -m ci.supply_chain.osv`.

Asks OSV (https://osv.dev) for every package of the services' locks. Exit codes:
0 nothing is known, or nobody could be asked and --required was not said; 3 nobody
could be asked; 4 something is known.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ci.errors import CheckFailed, NotReady
from ci.services import SERVICES
from ci.settings import ROOT
from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATABASE = "https://api.osv.dev"
PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
TIMEOUT = 20.0


def pinned(locks: Iterable[Path]) -> list[tuple[str, str]]:
    """Return the packages of LOCKS, each once, with their versions."""
    return sorted({(name.lower(), version) for path in locks for name, version in PINNED.findall(path.read_text())})


def known(packages: list[tuple[str, str]], database: str = DATABASE) -> Mapping[str, list[str]]:
    """Return `name version` -> advisories, for those of PACKAGES that have any; raise NotReady when nobody answers."""
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in packages]
    try:
        reply = httpx.post(
            f"{database}/v1/querybatch", json={"queries": queries}, timeout=TIMEOUT, verify=tls_context()
        )
        results = reply.raise_for_status().json()["results"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        cause = f"it answered {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else ""
        title = f"{database} could not be asked: {cause or type(error).__name__}."
        raise NotReady(title, code="advisories_unreachable", hint="Try again where the network reaches it.") from None
    told = {
        f"{name} {version}": [str(each["id"]) for each in result.get("vulns", ())]
        for (name, version), result in zip(packages, results, strict=True)
    }
    return {package: advisories for package, advisories in told.items() if advisories}


def main(arguments: list[str]) -> int:
    """Print what is known of the locks' packages and return the exit code; ARGUMENTS may hold --required."""
    parser = argparse.ArgumentParser(prog="python -m ci.supply_chain.osv")
    parser.add_argument("--required", action="store_true", help="fail when nobody can be asked")
    parser.add_argument("--database", default=DATABASE, help="where OSV's API is")
    parser.add_argument("locks", nargs="*", type=Path, default=[ROOT / each.lock for each in SERVICES])
    told = parser.parse_args(arguments)
    packages = pinned(told.locks)
    try:
        found = known(packages, told.database)
    except NotReady as error:
        sys.stdout.write(f"skipped: {error.title}\n")
        return error.exit_code if told.required else 0
    for package, advisories in found.items():
        sys.stdout.write(f"{package}: {', '.join(f'https://osv.dev/{each}' for each in advisories)}\n")
    sys.stdout.write(f"{len(packages)} packages asked after, {len(found)} with an advisory\n")
    return CheckFailed.exit_code if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
