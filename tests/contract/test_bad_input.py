"""What db-api must not take: it says so in a problem, stores nothing, and repeats nothing of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pytest

from service_db_api.models import examples
from service_db_api.store.mongo import Store
from service_db_api.store.row import INSTANTS
from service_db_api.store.schema import ALL, AUDIT_LOGS
from tests.contract.bad_requests import IDS, JSON, LIMIT, PLANTED, TAKEN, Answer, Case, ask, cases, written
from tests.contract.process import POLL, Running, db_api

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = cases()
LEAST = 200


@dataclass(frozen=True)
class Asked:
    """db-api, and what it had before anything was asked and after everything was."""

    running: Running
    answers: dict[str, Answer]
    before: dict[str, list[bytes]]
    after: dict[str, list[bytes]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Ask everything of one process, in order, after storing what some of it collides with."""
    with db_api(tmp_path_factory.mktemp("refusing")) as running:
        log = {**examples.NEW_CHAT_LOG, "trace_id": TAKEN}
        event = {**examples.AUDIT_LOG, "event_id": IDS["event_id"], "latency_ms": 1}
        for target, body in ((b"POST /chat-logs", log), (b"POST /audit-logs", event)):
            stored = ask(running.address, written(target, json.dumps(body).encode(), JSON))
            assert stored.status == 201, stored.body
        settle(running)
        before = asyncio.run(contents(running))
        answers = {each.title: ask(running.address, each.request) for each in CASES}
        after = asyncio.run(contents(running))
        yield Asked(running, answers, before, after)


def settle(running: Running) -> None:
    """Return once the conversation's event is written, which takes up to a second: it comes beside the one sent."""
    deadline = time.monotonic() + LIMIT
    while len(asyncio.run(contents(running))[AUDIT_LOGS.name]) < 2:
        assert time.monotonic() < deadline
        time.sleep(POLL)


async def contents(running: Running) -> dict[str, list[bytes]]:
    """Return collection -> its records, read past the service."""
    (line,) = (each for each in running.lines() if each["event"] == "embedded_database_started")
    uri = f"mongodb://127.0.0.1:{line['port']}"
    store = Store(uri, "carepath", server_selection_timeout_ms=2500, max_pool_size=2)
    try:
        return {
            each.name: [orjson.dumps(row, option=INSTANTS) async for row in store.each(each, {}, each.listed)]
            for each in ALL
        }
    finally:
        store.close()


def test_there_are_enough() -> None:
    """Two hundred at least, each another one, and all but a few carry something planted where it could be repeated."""
    requests = {each.request.replace(b"User-Agent: qzplanted 8675309", b"") for each in CASES}
    marked = sum(any(planted in each for planted in PLANTED) for each in requests)
    sys.stdout.write(f"{len(requests)} requests, {marked} of them marked\n")
    assert len(requests) == len(CASES) == len({each.title for each in CASES}) >= LEAST


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_it_is_refused(asked: Asked, case: Case) -> None:
    """A 4xx of the right kind: a problem with its code and the trace id, and nothing of what was sent."""
    answer = asked.answers[case.title]

    assert answer.status in case.refusals, answer.body
    for planted in PLANTED:
        assert planted not in answer.whole.lower()
    code = case.refusals[answer.status]
    if code is not None:
        problem = json.loads(answer.body)
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["status"], problem["code"]) == (answer.status, code)
        assert problem["trace_id"] == answer.headers["x-trace-id"]


def test_nothing_was_stored(asked: Asked) -> None:
    """Every collection is, record by record, what it was before."""
    assert asked.after == asked.before


def test_nothing_was_logged(asked: Asked) -> None:
    """Whatever was refused left a line without a word of it, and no unforeseen error."""
    text = asked.running.output.read_bytes().lower()

    for planted in PLANTED:
        assert planted not in text
    assert {each["level"] for each in asked.running.lines() if each["event"] != "library"} == {"info"}


def test_it_still_answers(asked: Asked) -> None:
    """After all of it a good question is answered as ever."""
    assert ask(asked.running.address, written(b"GET /patients/P000102")).status == 200
