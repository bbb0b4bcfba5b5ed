"""Both services, running, for tests that leave them as they are."""

from __future__ import annotations

import importlib.util
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.integration.services.process import Running, chat_api, client, db_api

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TOKEN = "planted-token-0123456789"
PARENT = "b7ad6b7169203331"
# Trace ids that no test writes down itself.
FIRST_TRACE = 1 << 64


@pytest.fixture(autouse=True)
def sdk(request: pytest.FixtureRequest) -> None:
    """Leave out, with the reason, what needs a vendor's SDK where there is none."""
    if request.node.get_closest_marker("vendor") and importlib.util.find_spec("openai") is None:
        pytest.skip("the vendors' SDKs are not installed here: sh ci/environment.sh nox -s vendors")


@dataclass(frozen=True)
class Pair:
    """
    db-api over its embedded database, chat-api over that, and a client of each.

    Everything is on: debug lines, metrics, and the token that db-api asks for, which both clients show.
    """

    db_api: Running
    chat_api: Running
    below: httpx.Client
    above: httpx.Client
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_TRACE))

    def triage(self, mrn: str, query: str, **headers: str) -> httpx.Response:
        """Ask a question."""
        return self.above.post("/triage", json={"patient_mrn": mrn, "query": query}, headers=headers)

    def traced(self, mrn: str, query: str) -> tuple[str, httpx.Response]:
        """Ask a question in a trace of its own; return its id and the answer."""
        trace_id = f"{next(self.numbers):032x}"
        return trace_id, self.triage(mrn, query, traceparent=f"00-{trace_id}-{PARENT}-01")


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Yield both services."""
    folder = tmp_path_factory.mktemp("services")
    settings = {"SERVICE_TOKEN": TOKEN, "METRICS_PORT": "0", "LOG_LEVEL": "DEBUG"}
    # A busy machine is no fault: only the tests of faults have short time-outs.
    unhurried = {"DB_API_TIMEOUT_S": "30", "REQUEST_DEADLINE_S": "60"}
    token = {"Authorization": f"Bearer {TOKEN}"}
    with (
        db_api(folder, GIT_SHA="0123abc", **settings) as lower,
        chat_api(folder, lower.address, **unhurried, **settings) as upper,
        client(lower.address, token) as below,
        client(upper.address, token) as above,
    ):
        yield Pair(lower, upper, below, above)
