"""Trace ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import structlog

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
        (f"{PARENT}-more", ""),
        (f"{PARENT}more", ""),
        (f"01-{ID}-b7ad6b7169203331-01more", ""),
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


def test_unknown_flags_are_not_passed_on() -> None:
    """A later version's flags mean nothing in a header of ours."""
    assert trace.take(f"01-{ID}-b7ad6b7169203331-ff", "").headers["traceparent"].endswith("-03")


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
@pytest.mark.parametrize("name", ["traceparent", "x-trace-id"])
async def test_of_two_ids_neither_is_taken(client: httpx.AsyncClient, name: str) -> None:
    """Nobody could say which of two traces a request belongs to, so it begins one of its own."""
    values = (PARENT, PARENT.replace("a", "b")) if name == "traceparent" else (ID, "f" * 32)

    response = await client.get("/items/one", headers=[(name, value) for value in values])

    assert FRESH.match(response.headers["x-trace-id"])
    assert response.headers["x-trace-id"] not in (ID, ID.replace("a", "b"), "f" * 32)


@pytest.mark.anyio
@pytest.mark.parametrize("states", [["a=1"], ["a=1", "b=P000102"], ["Tobias Renn"], ["=,=,\xff" * 200], [""]])
async def test_tracestate_is_left_behind(client: httpx.AsyncClient, states: list[str]) -> None:
    """It is free text of somebody else's: it changes nothing, and goes neither into the log nor to the next service."""
    raw = [(b"traceparent", PARENT.encode()), *((b"tracestate", each.encode("latin-1")) for each in states)]

    with structlog.testing.capture_logs() as lines:
        response = await client.get("/passed-on", headers=raw)

    assert response.headers["x-trace-id"] == ID
    assert set(response.json()) == {"traceparent", "X-Trace-Id"}
    assert "P000102" not in f"{lines}{response.text}{response.headers}"


@pytest.mark.anyio
async def test_requests_do_not_share_an_id(client: httpx.AsyncClient) -> None:
    """Without a caller's id, each request gets its own."""
    first, second = await client.get("/items/one"), await client.get("/items/one")

    assert first.headers["x-trace-id"] != second.headers["x-trace-id"]
