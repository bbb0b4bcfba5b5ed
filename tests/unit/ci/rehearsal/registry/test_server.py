"""The registry as a server: what it keeps when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from ci.rehearsal.registry import RegistryServer
from ci.tls import tls_context
from tests.unit.ci.rehearsal.registry.speaking import MANIFEST, REPOSITORY, push

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_pushed_outlives_the_server(tmp_path: Path) -> None:
    """A second rehearsal finds the first one's images."""
    for first in (True, False):
        with (
            RegistryServer(tmp_path, 0, lambda *_: None) as server,
            httpx.Client(base_url=f"http://127.0.0.1:{server.port}", verify=tls_context(), trust_env=False) as client,
        ):
            if first:
                push(client)
            assert client.get(f"/v2/{REPOSITORY}/manifests/src-1").content == MANIFEST
