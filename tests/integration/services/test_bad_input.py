"""Input that db-api must refuse: with a problem that repeats nothing of it, and without storing or logging it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pytest

from service_db_api.models import examples
from service_db_api.store.row import INSTANTS
from service_db_api.store.schema import ALL, AUDIT_LOGS
from tests.integration.services.asking import until
from tests.integration.services.bad_requests import IDS, JSON, PLANTED, TAKEN, Answer, Case, ask, groups, written
from tests.integration.services.databases import opened
from tests.integration.services.process import Running, db_api

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = groups()


@dataclass(frozen=True)
class Asked:
    """db-api, its answers, at last to a good request, and what was stored before the first and after the last."""

    running: Running
    answers: dict[str, list[Answer]]
    good: Answer
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
        # The conversation leaves an audit record of its own, which is written a little after the answer.
        until(lambda: len(contents(running)[AUDIT_LOGS.name]) == 2)
        before = contents(running)
        answers = {title: [ask(running.address, case.request) for case in cases] for title, cases in GROUPS.items()}
        good = ask(running.address, written(b"GET /patients/P000102"))
        # Its audit record comes after those that the others might have left.
        until(lambda: any(b"GET /patients/{mrn}" in row for row in contents(running)[AUDIT_LOGS.name]))
        yield Asked(running, answers, good, before, contents(running))


def contents(running: Running) -> dict[str, list[bytes]]:
    """Return collection -> its records, read past the service."""

    async def read() -> dict[str, list[bytes]]:
        store = opened(f"mongodb://127.0.0.1:{running.line('embedded_database_started')['port']}")
        try:
            return {
                collection.name: [
                    orjson.dumps(row, option=INSTANTS) async for row in store.each(collection, {}, collection.listed)
                ]
                for collection in ALL
            }
        finally:
            store.close()

    return asyncio.run(read())


def fault(case: Case, answer: Answer) -> str | None:
    """Return what is wrong with how a request was refused, None for a problem of the right kind without an echo."""
    if answer.status not in case.refusals:
        return f"{answer.status}, not one of {list(case.refusals)}"
    if any(planted in answer.whole.lower() for planted in PLANTED):
        return "repeats what was sent"
    code = case.refusals[answer.status]
    if code is None:
        return None
    if answer.headers["content-type"] != "application/problem+json":
        return f"is {answer.headers['content-type']}"
    problem = json.loads(answer.body)
    expected = (answer.status, code, answer.headers["x-trace-id"])
    found = (problem["status"], problem["code"], problem["trace_id"])
    return None if found == expected else f"{found}, not {expected}"


@pytest.mark.parametrize("title", GROUPS)
def test_bad_input_is_refused_without_an_echo(asked: Asked, title: str) -> None:
    faults = {
        case.title: found
        for case, answer in zip(GROUPS[title], asked.answers[title], strict=True)
        if (found := fault(case, answer)) is not None
    }

    assert faults == {}


def test_bad_input_is_not_stored(asked: Asked) -> None:
    """
    Every collection is, record by record, what it was before, but for the audit of reads.

    The good request is read, and so is one whose transfer encoding the server refuses when its read has begun.
    """
    added = {name: [row for row in rows if row not in asked.before[name]] for name, rows in asked.after.items()}
    reads = [orjson.loads(row) for row in added.pop(AUDIT_LOGS.name)]

    assert [name for name, rows in added.items() if rows] == []
    assert {(row["event_type"], row["input_summary"]) for row in reads} == {("record_read", "GET /patients/{mrn}")}
    assert len(reads) <= 2
    for name, rows in asked.before.items():
        assert set(rows) <= set(asked.after[name])


def test_bad_input_is_not_logged(asked: Asked) -> None:
    """Each refusal left a line without a word of the request, and no unforeseen error."""
    text = asked.running.output.read_bytes().lower()

    for planted in PLANTED:
        assert planted not in text
    assert {line["level"] for line in asked.running.lines() if line["event"] != "library"} == {"info"}


def test_bad_input_leaves_the_service_answering(asked: Asked) -> None:
    assert asked.good.status == 200
