"""What the tests of the infrastructure share: stand-ins, a fresh workspace, and one that is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from ci.rehearsal.providers import ProviderServer
from tests.infra.workspace import Workspace, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.workspace import Applied


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the way to test the modules on the published providers: `nox -s infra -- --real-providers`."""
    told = "test the modules on the providers of the registry, or of the mirror that TF_CLI_CONFIG_FILE names"
    parser.addoption("--real-providers", action="store_true", help=told)


@pytest.fixture(scope="session")
def applied() -> Applied:
    """Return what reaches the stand-ins to be applied, as it comes."""
    return []


@pytest.fixture(scope="session")
def stand_ins(applied: Applied) -> Iterator[ProviderServer]:
    """Serve all stand-in providers for as long as the tests run."""
    with ProviderServer(watch=lambda kind, config: applied.append((kind, config))) as server:
        yield server


@pytest.fixture(scope="session")
def addresses(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return where the stand-ins answer; nothing with --real-providers."""
    if request.config.getoption("--real-providers", default=False):
        return {}
    stand_ins: ProviderServer = request.getfixturevalue("stand_ins")
    return stand_ins.addresses


@pytest.fixture(scope="session")
def fresh(stand_ins: ProviderServer, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return an initialised workspace without state. Plan in it, apply only in a copy."""
    return Workspace.made(tmp_path_factory.mktemp("fresh") / "terraform", stand_ins.addresses)


@dataclass(frozen=True)
class Deployed:
    """A workspace whose whole plan was applied, that plan, and what reached the stand-ins. Apply only in a copy."""

    workspace: Workspace
    plan: dict[str, Any]
    said: str
    applied: Applied


@pytest.fixture(scope="session")
def deployed(fresh: Workspace, applied: Applied, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Plan and apply the demo, once for all tests."""
    workspace = fresh.copy(tmp_path_factory.mktemp("deployed") / "terraform")
    plan, before = workspace.plan(), len(applied)
    said = workspace.succeed("apply", "tfplan")
    return Deployed(workspace, plan, said, applied[before:])


@pytest.fixture(scope="session")
def secrets(deployed: Deployed) -> dict[str, dict[str, str]]:
    """Return name -> data of each Secret: what reached the provider, since no plan holds it."""
    return secrets_in(deployed.applied)
