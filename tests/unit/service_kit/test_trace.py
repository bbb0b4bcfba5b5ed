"""Trace ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from service_kit import trace

if TYPE_CHECKING:
    import httpx

ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{ID}-b7ad6b7169203331-01"
FRESH = re.compile(r"^[0-9a-f]{32}$")


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        ("", ""),
        ("00-short-b7ad6b7169203331-01", ""),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", ""),
        (f"00-{ID}-{'0' * 16}-01", ""),
        (f"ff-{ID}-b7ad6b7169203331-01", ""),
        ("", "P000102"),
        ("", "Tobias Renn"),
        ("", "0" * 32),
        ("", ID + "0"),
        ("", ID[:-1] + "\n"),
    ],
)
def test_a_malformed_id_is_replaced(traceparent: str, trace_id: str) -> None:
    """Nothing but a trace id gets into the log as one; a caller's mistake is no reason to refuse."""
    found = trace.take(traceparent, trace_id)

    assert FRESH.match(found.trace_id)
    assert found.trace_id not in (trace_id, "0" * 32)


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [
        (PARENT, ""),
        (PARENT.upper(), ""),
        (PARENT, "f" * 32),
        (f"01-{ID}-b7ad6b7169203331-01-more", ""),
        ("", ID),
        ("", "0af76519-16cd-43dd-8448-eb211c80319c"),
    ],
)
def test_a_callers_id_is_kept(traceparent: str, trace_id: str) -> None:
    """One id leads through all hops, whichever header brings it; traceparent goes first."""
    assert trace.take(traceparent, trace_id).trace_id == ID


def test_flags_go_on_and_the_span_is_our_own() -> None:
    """The caller's sampling decision is kept, its span id is not."""
    found = trace.take(f"00-{ID}-b7ad6b7169203331-00", "")

    assert found.headers["traceparent"] == f"00-{ID}-{found.span_id}-00"
    assert found.span_id != "b7ad6b7169203331"


def test_outside_a_request_there_is_none() -> None:
    """A start or a command has no trace."""
    assert (trace.current(), trace.current_id()) == (None, "")


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/items/one", "/nowhere", "/bug/x", "/gone"])
async def test_every_answer_carries_the_id(client: httpx.AsyncClient, path: str) -> None:
    """Success, error or bug: the caller gets the id back, once."""
    response = await client.get(path, headers={"traceparent": PARENT})

    assert response.headers.get_list("x-trace-id") == [ID]


@pytest.mark.anyio
async def test_requests_do_not_share_an_id(client: httpx.AsyncClient) -> None:
    """Without a caller's id, each request gets its own."""
    first, second = await client.get("/items/one"), await client.get("/items/one")

    assert first.headers["x-trace-id"] != second.headers["x-trace-id"]
