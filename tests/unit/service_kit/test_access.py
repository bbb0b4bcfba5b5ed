"""The access line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/nowhere/P000102", "unmatched", 404),
        ("DELETE", "/items/renn", "/items/{name}", 405),
        ("GET", "/items/P000102", "/items/{name}", 422),
        ("GET", "/items/renn", "/items/{name}", 200),
        ("BREW", "/items/renn", "/items/{name}", 405),
    ],
)
async def test_one_line_a_request(client: httpx.AsyncClient, method: str, path: str, route: str, status: int) -> None:
    """Each request leaves one line that names its route and nothing of what was asked."""
    with structlog.testing.capture_logs() as lines:
        response = await client.request(method, path, headers={"user-agent": "renn"})

    (line,) = lines
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "other" if method == "BREW" else method,
        "route": route,
        "status": status,
        "trace_id": response.headers["x-trace-id"],
    }


async def test_a_bug_is_logged_by_type_and_place(client: httpx.AsyncClient) -> None:
    """The text of an unforeseen error may quote the input, so the log has its type and line only."""
    with structlog.testing.capture_logs() as lines:
        await client.get("/bug/renn")

    bug, line = lines
    assert (bug["event"], bug["error"]) == ("unhandled_error", "RuntimeError")
    assert bug["at"].endswith(" bug")
    assert line["status"] == 500
    assert "renn" not in str(lines)
