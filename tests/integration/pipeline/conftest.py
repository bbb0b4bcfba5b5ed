"""What the pipeline's tests share."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from ci.rehearsal.aws import aws_api, reset
from ci.rehearsal.registry import RegistryServer
from tests.integration.pipeline.double.fixture import anyio_backend, dagger_session, double
from tests.integration.pipeline.world import World, chat_api, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.pipeline.double.session import Session

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


@contextlib.contextmanager
def healthy_world(session: Session, endpoint: str, chat: str, folder: Path) -> Iterator[World]:
    """Yield a healthy first deploy, waiting to be run or spoiled."""
    reset(endpoint)
    with RegistryServer(folder / "registry", 0, lambda *_: None) as registry:
        found = World(session, endpoint, chat, settings(endpoint, f"http://127.0.0.1:{registry.port}"))
        registry.on_manifest = found.see
        found.own_repositories()
        found.healthy()
        found.push_answers()
        yield found


@pytest.fixture
def world(dagger_session: Session, aws_server: str, chat: str, tmp_path: Path) -> Iterator[World]:
    with healthy_world(dagger_session, aws_server, chat, tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def deployed(aws_server: str, chat: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return what a healthy first deploy has left: its records and its report, to be read and not to be changed."""
    with double() as session, healthy_world(session, aws_server, chat, tmp_path_factory.mktemp("deployed")) as found:
        found.run(lambda pipeline: pipeline.deploy())
        return found
