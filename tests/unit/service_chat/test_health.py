"""Health, liveness apart from readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.unit.service_chat.served import Served

pytestmark = pytest.mark.anyio


def _lost(_: httpx.Request) -> httpx.Response:
    message = "db-api-7.internal"
    raise httpx.ConnectError(message)


@pytest.mark.parametrize("answer", [_lost, lambda _: httpx.Response(503), lambda _: httpx.Response(404)])
async def test_not_ready_without_db_api(served: Served, answer: object) -> None:
    """Readiness is db-api's readiness, since no question can be answered without it."""
    served.db_api.answer = answer  # type: ignore[assignment]

    response = await served.client.get("/health", params={"check": "ready"})

    body = response.json()
    assert (response.status_code, body["code"]) == (503, "db_api_unavailable")
    assert body["checks"] == {"db-api": "unavailable"}
    assert "internal" not in response.text


async def test_alive_without_db_api(served: Served) -> None:
    """Liveness asks nobody."""
    served.db_api.answer = _lost

    response = await served.client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "service": "chat-api", "version": "0.1.0"}
    assert served.db_api.asked == []


async def test_ready(served: Served) -> None:
    """With db-api ready, chat-api is."""
    response = await served.client.get("/health", params={"check": "ready"})

    assert (response.status_code, response.json()["checks"]) == (200, {"db-api": "ok"})
    assert [each.url.query for each in served.db_api.asked] == [b"check=ready"]
