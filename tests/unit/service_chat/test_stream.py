"""Triage as a stream of events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.unit.service_chat.answers import CASES, FLEETING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.service_chat.served import Served

pytestmark = pytest.mark.anyio
HEAD_INJURY = "I slipped and hit my head, there is a bump but I feel fine."


def known() -> Iterator[Any]:
    """Yield the known questions that are answered; the first of each urgency is in the fast suite."""
    seen = set()
    for case in CASES:
        if "status" not in case:
            marks = pytest.mark.slow if case["urgency"] in seen else ()
            seen.add(case["urgency"])
            yield pytest.param(case, id=str(case["number"]), marks=marks)


async def _stream(served: Served, mrn: str, query: str) -> httpx.Response:
    return await served.client.post("/triage/stream", json={"patient_mrn": mrn, "query": query})


def _events(response: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in response.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


@pytest.mark.parametrize(
    ("mrn", "query", "status", "code"),
    [
        ("P999999", "Which pills am I on?", 404, "patient_not_found"),
        ("P000105", "  ", 422, "invalid_input"),
        ("P12", "hello", 422, "invalid_input"),
    ],
)
async def test_what_fails_before_the_first_event_is_a_plain_problem(
    served: Served, mrn: str, query: str, status: int, code: str
) -> None:
    """The status tells it, as it does without a stream."""
    response = await _stream(served, mrn, query)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["trace_id"] == response.headers["x-trace-id"]


async def test_without_a_record_there_is_no_stream(served: Served) -> None:
    """db-api away is a 503 here too."""
    served.db_api.answer = lambda _: httpx.Response(500)

    response = await _stream(served, "P000102", HEAD_INJURY)

    assert (response.status_code, response.json()["code"]) == (503, "db_api_unavailable")


async def test_events_come_in_order(served: Served) -> None:
    """The rules' part first, then words, then the whole answer; nothing of it is told from a cache."""
    response = await _stream(served, "P000102", HEAD_INJURY)

    events = _events(response)
    names = [name for name, _ in events]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    assert names == ["assessment", *["delta"] * (len(names) - 2), "answer"]
    assert len(names) > 3
    first, answer = events[0][1], events[-1][1]
    assert set(first) == {"trace_id", "urgency", "next_step", "matched_rules", "facts"}
    assert {name: answer[name] for name in first} == first
    assert first["trace_id"] == response.headers["x-trace-id"]
    assert "".join(event["text"] for name, event in events if name == "delta") == answer["response"]


@pytest.mark.parametrize("case", list(known()))
async def test_a_stream_ends_in_the_same_answer(served: Served, case: dict[str, Any]) -> None:
    """What is streamed is what would have been answered whole, and so is what is answered twice."""
    whole = (await served.triage(case["mrn"], case["query"])).json()
    streamed = _events(await _stream(served, case["mrn"], case["query"]))[-1][1]

    for body in (whole, streamed):
        for name in FLEETING:
            del body[name]
        del body["retrieval"]["latency_ms"]
    assert streamed == whole
