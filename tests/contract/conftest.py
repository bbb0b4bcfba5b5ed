"""Both services, running."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.process import Running, chat_api, db_api

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def sdk(request: pytest.FixtureRequest) -> None:
    """Leave out, with the reason, what needs a vendor's SDK where there is none."""
    if request.node.get_closest_marker("vendor") and importlib.util.find_spec("openai") is None:
        pytest.skip("the vendors' SDKs are not installed here: sh ci/environment.sh nox -s vendors")


@dataclass(frozen=True)
class Pair:
    """db-api over its embedded database, chat-api over that, and a client for either."""

    db_api: Running
    chat_api: Running
    client: httpx.Client

    def triage(self, mrn: str, query: str, **headers: str) -> httpx.Response:
        """Ask QUERY about MRN."""
        body = {"patient_mrn": mrn, "query": query}
        return self.client.post(f"{self.chat_api.address}/triage", json=body, headers=headers)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Yield both services, for tests that leave them as they are."""
    folder = tmp_path_factory.mktemp("services")
    with db_api(folder) as lower, chat_api(folder, lower.address) as upper, httpx.Client(trust_env=False) as client:
        yield Pair(lower, upper, client)
