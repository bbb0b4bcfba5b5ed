"""Turns are kept behind the answer's back, none twice, and none is lost unsaid."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import orjson
import pytest
import structlog

from service_chat.answer import Answer, Question
from service_chat.db_api import DbApi
from service_chat.turn import Turn, new_conversation
from service_chat.turns import BATCH, Turns
from service_chat.urgency import Urgency

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_chat.retrievers.base import Retrieval

pytestmark = pytest.mark.anyio
THRICE = 3
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TRACE = "0af7651916cd43dd8448eb211c80319c"
RETRIEVAL = cast(
    "Retrieval",
    SimpleNamespace(top_k=3, latency_ms=1.5, passages=[SimpleNamespace(doc_id="DOC-CAREPLAN-P000102-2025", score=1.2)]),
)
ANSWER: dict[str, Any] = {
    "response": "Call them.",
    "urgency": Urgency.URGENT,
    "llm_mode": "mock",
    "matched_rules": ["escalator.anticoagulant_head_injury"],
    "inference_time_ms": 2,
}


def turn(query: str = "I hit my head", **changed: Any) -> Turn:
    """Return an answered turn, but for what is CHANGED."""
    told: dict[str, Any] = {
        "question": Question(patient_mrn="P000102", query=query),
        "started": STARTED,
        "ended": STARTED + timedelta(milliseconds=1500),
        "trace_id": TRACE,
        "conversation_id": new_conversation(),
        "answer": Answer.model_construct(**ANSWER),
        "retrieval": RETRIEVAL,
        "model_name": "mock",
    }
    return Turn(**{**told, **changed})


@dataclass
class Store:
    """
    db-api's stand-in; it answers as `status` says, the first `failing` requests with nothing at all.

    `content` is said instead of an answer that tells what became of each turn.
    `reached` is set once it was asked three times.
    """

    status: int = 200
    outcome: str = "stored"
    content: bytes | None = None
    failing: int = 0
    asked: list[list[dict[str, Any]]] = field(default_factory=list)
    headers: list[httpx.Headers] = field(default_factory=list)
    refused: str = ""
    hold: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.hold is not None:
            await self.hold.wait()
        assert request.url.path == "/turns"
        turns = orjson.loads(request.content)["turns"]
        self.asked.append(turns)
        self.headers.append(request.headers)
        if len(self.asked) >= THRICE:
            self.reached.set()
        if self.failing:
            self.failing -= 1
            raise httpx.ReadError("away")  # noqa: EM101 - what a transport says
        if self.refused and any(self.refused in each["audit_log"]["request_id"] for each in turns):
            return httpx.Response(422, json={"code": "invalid_input"})
        if self.content is not None:
            return httpx.Response(self.status, content=self.content)
        return httpx.Response(self.status, json={"code": "some_code", "outcomes": [self.outcome] * len(turns)})


@contextlib.asynccontextmanager
async def keeping(store: Store, **options: Any) -> AsyncIterator[Turns]:
    """Yield a keeper of turns over STORE, in a hurry; its block must end in time."""
    way = DbApi(httpx.MockTransport(store), httpx.URL("http://db-api"), None, timeout=1.0, retries=0)
    way.breaker._pause = 0.0
    turns = Turns(way, **{"pause": 0.001, "grace": 0.2, "interval": 0.0, **options})
    async with asyncio.timeout(20), turns.running():
        yield turns


async def test_a_turn_is_a_chat_log_and_an_audit_record() -> None:
    """What was said in the one, how it went in the other; the audit repeats no word."""
    store = Store()
    async with keeping(store) as turns:
        turns.note(turn())
        await turns.settled()

    ((told,),) = store.asked
    log, audit = told["chat_log"], told["audit_log"]
    assert [each["content"] for each in log["messages"]] == ["I hit my head", "Call them."]
    assert (log["started_at"], log["ended_at"]) == ("2026-01-02T03:04:05Z", "2026-01-02T03:04:06.500000Z")
    assert (log["status"], log["urgency"], log["trace_id"]) == ("ok", "urgent", TRACE)
    assert log["retrieval_events"][0]["results"] == [{"doc_id": "DOC-CAREPLAN-P000102-2025", "score": 1.0}]
    assert (audit["patient_mrn"], audit["status"], audit["latency_ms"]) == ("P000102", "success", 1500)
    assert (audit["input_summary"], audit["actor_id"], audit["request_id"]) == ("13 characters", "chat-api", TRACE)
    assert audit["output_summary"] == "urgent: escalator.anticoagulant_head_injury"
    assert "head." not in str(audit)
    assert (turns.kept, turns.dropped, turns.waiting) == (1, 0, 0)


async def test_the_log_joins_a_turn_to_what_kept_it() -> None:
    """By the trace id of its question the line is found that says when its turn was kept, and how long that took."""
    store = Store()
    with structlog.testing.capture_logs() as lines:
        async with keeping(store) as turns:
            turns.note(turn(trace_id="a" * 32))
            turns.note(turn(trace_id="b" * 32))

    (line,) = lines
    assert line.pop("duration_ms") >= 0
    assert line == {"event": "sent_turns", "log_level": "info", "status": 200, "trace_ids": ["a" * 32, "b" * 32]}
    assert store.headers[0]["x-trace-id"] not in line["trace_ids"]


async def test_many_go_together() -> None:
    """A hundred turns are a few requests, in the order they were noted."""
    store = Store()
    async with keeping(store) as turns:
        for number in range(100):
            turns.note(turn(f"question {number}"))

    told = [each["chat_log"]["messages"][0]["content"] for batch in store.asked for each in batch]
    assert [len(batch) for batch in store.asked] == [BATCH] * (100 // BATCH)
    assert told == [f"question {number}" for number in range(100)]


async def test_one_that_is_refused_costs_no_other() -> None:
    """What db-api does not take together it is given one by one."""
    store = Store(refused="f" * 32)
    async with keeping(store) as turns:
        for number in range(10):
            turns.note(turn(trace_id="f" * 32 if number == 4 else TRACE))
        await turns.settled()
        for _ in range(10):
            turns.note(turn())
        await turns.settled()

    assert (turns.kept, turns.dropped) == (19, 1)
    assert [len(batch) for batch in store.asked] == [10, *[1] * 10, 10]


@pytest.mark.parametrize("error", ["llm_error", "llm_timeout"])
async def test_a_turn_that_the_model_failed_is_a_chat_log_without_an_answer(error: str) -> None:
    """The question was a patient's; that it went unanswered is to be found."""
    store = Store()
    async with keeping(store) as turns:
        turns.note(turn(answer=None, error=error))

    ((told,),) = store.asked
    log, audit = told["chat_log"], told["audit_log"]
    assert (log["status"], [each["role"] for each in log["messages"]]) == ("llm_error", ["user"])
    assert (audit["status"], audit["output_summary"]) == ("error", f"error {error}")


@pytest.mark.parametrize("error", ["patient_not_found", "db_api_unavailable", "saturated"])
async def test_other_failures_are_audited_alone(error: str) -> None:
    """Without a patient there is no conversation of one."""
    store = Store()
    async with keeping(store) as turns:
        turns.note(turn(answer=None, error=error))

    ((told,),) = store.asked
    assert told["chat_log"] is None
    assert told["audit_log"]["output_summary"] == f"error {error}"


async def test_what_no_text_is_made_of_costs_no_turn() -> None:
    """db-api takes no control characters; nor more than it takes."""
    store = Store()
    async with keeping(store) as turns:
        answer = Answer.model_construct(**{**ANSWER, "response": "\x00" * 9000})
        turns.note(turn("a\x00b\x9f\tc", answer=answer, model_name="no label"))

    ((told,),) = store.asked
    log, audit = told["chat_log"], told["audit_log"]
    assert log["messages"][0]["content"] == "a\ufffdb\ufffd\tc"
    assert len(log["messages"][1]["content"]) == 8000
    assert (log["messages"][1]["model_name"], audit["model_name"]) == (None, None)


async def test_a_turn_waits_for_db_api_and_nothing_of_it_is_sent_twice() -> None:
    """The same ids are sent again, so that db-api may know them."""
    store = Store(failing=7)
    with structlog.testing.capture_logs() as lines:
        async with keeping(store) as turns:
            turns.note(turn())
            await turns.settled()

    assert len(store.asked) == 8
    assert len({(told["chat_log"]["conversation_id"], told["audit_log"]["event_id"]) for (told,) in store.asked}) == 1
    assert (turns.kept, turns.dropped) == (1, 0)
    assert [each["event"] for each in lines if each["event"].startswith("turns")] == ["turns_wait", "turns_resumed"]


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_who_is_to_come_again_comes_again(status: int) -> None:
    """A token that is being changed, or a crowd, costs no turn."""
    store = Store(status)
    async with keeping(store) as turns:
        turns.note(turn())
        await store.reached.wait()
        store.status = 200
        await turns.settled()

    assert (turns.kept, turns.dropped) == (1, 0)


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [(400, "", "some_code"), (422, "", "some_code"), (200, "duplicate_conversation", "duplicate_conversation")],
)
async def test_what_db_api_refuses_is_counted_and_told(status: int, outcome: str, code: str) -> None:
    """It is not sent for ever."""
    store = Store(status, outcome)
    with structlog.testing.capture_logs() as lines:
        async with keeping(store) as turns:
            turns.note(turn())

    assert len(store.asked) == 1
    assert (turns.kept, turns.dropped) == (0, 1)
    assert {(each["status"], each["code"]) for each in lines if each["event"] == "turn_refused"} == {(status, code)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>I hit my head</html>",
        b"\xff\xfe\xfa",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"{}",
        b'{"outcomes": null}',
        b'{"outcomes": 2}',
        b'{"outcomes": "ab"}',
        b'{"outcomes": [1, 2]}',
        b'{"outcomes": ["stored", {"query": "I hit my head"}]}',
        b'{"outcomes": ["stored", "I hit my head"]}',
        b'{"outcomes": []}',
        b'{"outcomes": ["stored"]}',
        b'{"outcomes": ["stored", "stored", "I hit my head"]}',
    ],
    ids=lambda content: content[:60].decode(errors="replace") or "nothing",
)
async def test_an_answer_that_says_nothing_of_the_turns_is_a_refusal(content: bytes) -> None:
    """What was sent counts as dropped, one line says so in no words of the answer's, and the next turns are kept."""
    store = Store(content=content)
    with structlog.testing.capture_logs() as lines:
        async with keeping(store) as turns:
            turns.note(turn())
            turns.note(turn())
            await turns.settled()
            store.content = None
            turns.note(turn())
            await turns.settled()

    assert [len(batch) for batch in store.asked] == [2, 1]
    assert (turns.kept, turns.dropped, turns.waiting) == (1, 2, 0)
    assert [each for each in lines if each["event"] != "sent_turns"] == [
        {"event": "turn_refused", "turns": 2, "status": 200, "code": "unreadable_answer", "log_level": "error"}
    ]


async def test_beyond_the_bound_the_oldest_are_dropped_and_counted() -> None:
    """While db-api is away the newest wait, and that older ones are lost is said once."""
    store = Store(failing=10_000)
    with structlog.testing.capture_logs() as lines:
        async with keeping(store, bound=5) as turns:
            for number in range(20):
                turns.note(turn(f"question {number}"))
            await store.reached.wait()
            store.failing = 0
            store.asked.clear()
            await turns.settled()

    kept = [each["chat_log"]["messages"][0]["content"] for batch in store.asked for each in batch]
    assert kept == [f"question {number}" for number in range(15, 20)]
    assert (turns.kept, turns.dropped) == (5, 15)
    assert [each["event"] for each in lines].count("turns_dropping") == 1


async def test_noting_never_waits() -> None:
    """An answer is out long before db-api takes its turn, however db-api is."""
    store = Store(hold=asyncio.Event())
    async with keeping(store) as turns:
        for _ in range(100):
            turns.note(turn())
        assert (turns.waiting, turns.kept) == (100, 0)
        assert store.hold is not None
        store.hold.set()
        await turns.settled()

    assert turns.kept == 100


async def test_what_waits_when_the_process_stops_is_sent_first() -> None:
    """Stopping waits for it."""
    store = Store()
    async with keeping(store) as turns:
        for _ in range(50):
            turns.note(turn())

    assert (turns.kept, turns.waiting) == (50, 0)


async def test_stopping_takes_no_longer_than_it_may() -> None:
    """With db-api gone for good, what is lost is said and counted."""
    store = Store(hold=asyncio.Event())
    with structlog.testing.capture_logs() as lines:
        async with keeping(store, grace=0.01) as turns:
            for _ in range(7):
                turns.note(turn())

    assert [(each["event"], each["turns"]) for each in lines] == [("turns_lost", 7)]
    assert turns.dropped == 7


async def test_a_turn_that_cannot_be_told_harms_no_other() -> None:
    """A fault of ours costs that one turn."""
    store = Store()
    async with keeping(store) as turns:
        turns.note(turn(answer=object()))
        turns.note(turn())
        await turns.settled()

    assert (turns.kept, turns.dropped) == (1, 1)


async def test_the_numbers_are_shown() -> None:
    """Waiting, kept and dropped, by names that end as they should."""
    async with keeping(Store()) as turns:
        turns.note(turn())
        await turns.settled()

        assert {each.name: each.read() for each in turns.readings()} == {
            "carepath_turns_waiting": 0,
            "carepath_turns_kept_total": 1,
            "carepath_turns_dropped_total": 0,
        }
