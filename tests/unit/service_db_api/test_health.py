"""Health, liveness apart from readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio


async def test_not_ready_while_the_database_is_away(away: Served) -> None:
    """Readiness tells the truth, without a word of the driver's."""
    response = await away.client.get("/health", params={"check": "ready"})

    body = response.json()
    assert (response.status_code, body["code"]) == (503, "database_unavailable")
    assert body["checks"] == {"database": "unavailable"}
    assert "127.0.0.1" not in response.text


async def test_details_while_the_database_is_away(away: Served) -> None:
    """The detailed view is a 503 as well, and says no more than that there is no connection."""
    response = await away.client.get("/health/db")

    body = response.json()
    assert (response.status_code, body["code"]) == (503, "database_unavailable")
    assert (body["connected"], body["latency_ms"]) == (False, None)
    assert "127.0.0.1" not in response.text


async def test_alive_while_the_database_is_away(away: Served) -> None:
    """Liveness asks nobody, so a lost database restarts no pod."""
    response = await away.client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "service": "db-api", "version": "0.1.0"}


async def test_an_unknown_check_is_refused(served: Served) -> None:
    """A probe with a typing error does not pass as liveness."""
    response = await served.client.get("/health", params={"check": "readiness"})

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


async def test_ready(served: Served) -> None:
    """With its database at hand the service is ready and says how fast that answers."""
    ready = await served.client.get("/health", params={"check": "ready"})
    details = await served.client.get("/health/db")

    assert (ready.status_code, ready.json()["checks"]) == (200, {"database": "ok"})
    assert details.status_code == 200
    assert details.json().items() >= {"status": "ok", "database": "mongodb", "connected": True}.items()
    assert details.json()["latency_ms"] > 0


async def test_the_root_says_what_this_is(served: Served) -> None:
    """Whoever opens the address reads which service answers."""
    body = (await served.client.get("/")).json()

    assert (body["service"], body["version"]) == ("db-api", "0.1.0")


@pytest.mark.anyio
@pytest.mark.parametrize("query", ["check=alive", "chek=ready", "check=ready&check=ready&x=1", "check="])
async def test_a_misspelt_question_is_refused(served: Served, query: str) -> None:
    """A probe that asks for nothing we know must not hear that all is well."""
    response = await served.client.get(f"/health?{query}")

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
