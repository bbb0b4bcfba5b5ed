"""What the pipeline's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.rehearsal.aws import aws_api, reset
from ci.rehearsal.registry import RegistryServer
from tests.pipeline.double.fixture import anyio_backend, dagger_session
from tests.pipeline.world import World, chat_api, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.pipeline.double.session import Session

__all__ = ["anyio_backend", "dagger_session", "world"]


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """Run the AWS API's stand-in once; it is emptied for each test."""
    with aws_api() as address:
        yield address


@pytest.fixture(scope="session")
def chat() -> Iterator[str]:
    with chat_api() as address:
        yield address


@pytest.fixture
def world(dagger_session: Session, aws_server: str, chat: str, tmp_path: Path) -> Iterator[World]:
    """Yield a healthy first deploy, waiting to be run or spoiled."""
    reset(aws_server)
    with (
        RegistryServer(tmp_path / "registry", 0, lambda *_: None) as registry,
    ):
        found = World(dagger_session, aws_server, chat, settings(aws_server, f"http://127.0.0.1:{registry.port}"))
        registry.on_manifest = found.see
        found.own_repositories()
        found.healthy()
        found.push_answers()
        yield found
