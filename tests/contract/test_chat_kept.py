"""chat-api over the real db-api: what it asks is answered, what it keeps is there, and both logs make one tree."""

from __future__ import annotations

import itertools
import json
import re
import signal
import sys
import threading
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.contract import private
from tests.contract.asking import until
from tests.contract.keepalive import LIMIT, Client
from tests.contract.process import Running, db_api, service
from tests.contract.test_drain import until_unready

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MRN, QUERY = private.QUESTIONS[4]
PARENT = "b7ad6b7169203331"
TRACES = itertools.count(1)
CLIENTS, ANSWERS = 6, 60


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Running]]:
    """Yield db-api and chat-api over it."""
    folder = tmp_path_factory.mktemp("kept")
    settings = {"DB_API_TIMEOUT_S": "20", "REQUEST_DEADLINE_S": "30"}
    with (
        db_api(folder) as lower,
        service("service_chat", folder, {"DB_API_BASE_URL": lower.address, **settings}) as upper,
    ):
        yield lower, upper


def asked(upper: Running, mrn: str, query: str) -> tuple[str, httpx.Response]:
    """Ask QUERY about MRN in a trace of its own; return that and the answer."""
    trace_id = f"{next(TRACES):032x}"
    headers = {"traceparent": f"00-{trace_id}-{PARENT}-01"}
    body = {"patient_mrn": mrn, "query": query}
    return trace_id, httpx.post(f"{upper.address}/triage", json=body, headers=headers, trust_env=False, timeout=30)


def audited(lower: Running, trace_id: str) -> list[dict[str, Any]]:
    """Return chat-api's own audit records of the trace TRACE_ID once there are any."""
    found: list[dict[str, Any]] = []

    def some() -> bool:
        page = httpx.get(f"{lower.address}/audit-logs?request_id={trace_id}", trust_env=False, timeout=30).json()
        found[:] = [each for each in page["items"] if each["event_type"] == "triage_inference"]
        return bool(found)

    until(some)
    return found


def stored(lower: Running, path: str) -> int:
    """Return how many records at PATH are of the tests' or the patients' own making."""
    found, next_page = 0, f"/{path}?limit=100"
    while next_page:
        page = httpx.get(f"{lower.address}{next_page}", trust_env=False, timeout=30).json()
        found += sum(each.get("event_type", "triage_inference") == "triage_inference" for each in page["items"])
        next_page = page["next"]
    return found


@pytest.mark.parametrize(("mrn", "query"), private.QUESTIONS, ids=[each["number"] for each in private.CASES])
def test_a_turn_is_kept_as_it_was(services: tuple[Running, Running], mrn: str, query: str) -> None:
    """Each known question becomes a chat log with the very words, found by the answer's id, and one audit record."""
    lower, upper = services
    trace_id, response = asked(upper, mrn, query)
    answer = response.json()

    (audit,) = audited(lower, trace_id)
    log = httpx.get(f"{lower.address}/chat-logs/{answer['conversation_id']}", trust_env=False).json()

    assert (response.status_code, log["patient_mrn"], log["trace_id"]) == (200, mrn, trace_id)
    assert [(each["role"], each["content"]) for each in log["messages"]] == [
        ("user", query),
        ("assistant", answer["response"]),
    ]
    assert (log["urgency"], log["llm_mode"], log["status"]) == (answer["urgency"], "mock", "ok")
    # As text a full second, which is told without a point, comes after its own milliseconds.
    assert datetime.fromisoformat(log["started_at"]) <= datetime.fromisoformat(log["ended_at"])
    passages = [each["doc_id"] for event in log["retrieval_events"] for each in event["results"]]
    assert passages == [each["doc_id"] for each in answer["citations"]]
    assert (audit["patient_mrn"], audit["actor_id"], audit["status"]) == (mrn, "chat-api", "success")
    assert audit["output_summary"].startswith(answer["urgency"])
    assert private.told(json.dumps({**audit, "patient_mrn": None})) == []


def test_an_unknown_patient_is_audited_and_has_no_conversation(services: tuple[Running, Running]) -> None:
    """Who asked for whom is known, and nothing is said of anybody."""
    lower, upper = services
    trace_id, response = asked(upper, *private.UNKNOWN)

    (audit,) = audited(lower, trace_id)

    assert response.status_code == 404
    assert (audit["status"], audit["output_summary"]) == ("error", "error patient_not_found")
    logs = httpx.get(f"{lower.address}/chat-logs?patient_mrn=P999999", trust_env=False).json()
    assert logs["items"] == []


def test_both_logs_make_one_tree(services: tuple[Running, Running]) -> None:
    """The caller is chat-api's parent, and a step of chat-api's that of what db-api did for the answer."""
    lower, upper = services
    trace_id, _ = asked(upper, MRN, QUERY)

    (above,) = [each for each in upper.told(trace_id) if each["event"] == "request"]
    (below,) = [each for each in lower.told(trace_id) if each["event"] == "request"]

    assert (above["route"], above["parent_id"]) == ("/triage", PARENT)
    steps = {each["name"]: each for each in above["spans"]}
    assert set(steps) == {"db_api", "rules", "retrieval", "model"}
    assert {each["status"] for each in steps.values()} == {"ok"}
    assert 0 < sum(each["duration_ms"] for each in steps.values()) < above["duration_ms"]
    assert (below["route"], below["parent_id"]) == ("/patients/{mrn}/summary", steps["db_api"]["span_id"])
    assert len({PARENT, above["span_id"], below["span_id"], *(each["span_id"] for each in steps.values())}) == 7


def test_keeping_a_turn_is_found_by_its_question(services: tuple[Running, Running]) -> None:
    """A line joins the question's trace to that of the batch which was kept, and db-api's line is a child of that."""
    lower, upper = services
    trace_id, _ = asked(upper, MRN, QUERY)
    audited(lower, trace_id)

    def sent() -> list[dict[str, Any]]:
        return [each for each in upper.lines() if trace_id in each.get("trace_ids", ())]

    until(lambda: bool(sent()))
    (line,) = sent()
    below = [each for each in lower.told(line["trace_id"]) if each["event"] == "request"]
    assert (line["event"], line["status"]) == ("sent_turns", 200)
    assert [(each["route"], each["parent_id"]) for each in below] == [("/turns", line["span_id"])]


def test_lines_about_one_patient_are_found_together(services: tuple[Running, Running]) -> None:
    """In each service's log the lines of a patient have one hash, and those of another patient another."""
    lower, upper = services
    traces = [asked(upper, mrn, QUERY)[0] for mrn in (MRN, MRN, private.QUESTIONS[0][0], "P000101")]
    for running in (lower, upper):
        hashes = [
            next(each["patient_mrn"] for each in running.told(one) if each["event"] == "request") for one in traces
        ]
        assert all(re.fullmatch("mrn:[0-9a-f]{8}", each) for each in hashes)
        assert hashes[0] == hashes[1] != hashes[3]


def test_a_deadline_goes_on_to_db_api(services: tuple[Running, Running]) -> None:
    """db-api gives up what its caller does not wait for, and says so."""
    lower, _ = services
    headers = {"X-Request-Timeout-Ms": "0"}
    response = httpx.get(f"{lower.address}/patients/{MRN}/summary", headers=headers, trust_env=False)

    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")


def test_a_drain_fails_no_question_and_loses_no_turn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under load, SIGTERM: every question is answered, and every turn is kept when the process is gone."""
    leave, answered = threading.Event(), threading.Semaphore(0)
    questions = tuple(json.dumps({"patient_mrn": mrn, "query": query}).encode() for mrn, query in private.QUESTIONS)
    settings = {"DRAIN_SECONDS": "600", "DB_API_TIMEOUT_S": "20", "REQUEST_DEADLINE_S": "30"}

    def more_answers() -> bool:
        return all(answered.acquire(timeout=LIMIT) for _ in range(ANSWERS))

    with (
        db_api(tmp_path) as lower,
        service("service_chat", tmp_path, {"DB_API_BASE_URL": lower.address, **settings}) as running,
    ):
        clients = [Client(running.address, ("/triage",), leave, answered, questions) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        assert more_answers()
        running.process.send_signal(signal.SIGTERM)
        until_unready(running)
        # Nobody in a cluster hears of it at once.
        assert more_answers()
        leave.set()
        for each in clients:
            each.join(LIMIT)
        status = running.stop()
        kept = {path: stored(lower, path) for path in ("chat-logs", "audit-logs")}

    statuses = sum((each.statuses for each in clients), Counter())
    with capsys.disabled():
        sys.stdout.write(f"\ndrain: {statuses.total()} questions, {len(clients)} clients, kept {kept}\n")
    assert [failure for each in clients for failure in each.failures] == []
    assert set(statuses) == {200}
    assert status == -signal.SIGTERM
    assert set(kept.values()) == {statuses.total()}
    assert not [each for each in running.lines() if each["event"] in ("turns_lost", "turns_dropping", "turn_refused")]
