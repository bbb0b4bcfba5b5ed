"""What the registry's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from ci.rehearsal.registry import RegistryServer
from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def announced() -> list[tuple[str, ...]]:
    """Collect what the ECR API is told of."""
    return []


@pytest.fixture
def registry(tmp_path: Path, announced: list[tuple[str, ...]]) -> Iterator[httpx.Client]:
    """Speak to a registry that is empty."""
    with (
        RegistryServer(tmp_path, 0, lambda *told: announced.append(told)) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", verify=tls_context(), trust_env=False) as client,
    ):
        yield client
