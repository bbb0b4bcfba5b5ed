"""chat-api over the real db-api: what it asks is answered, what it keeps is there, and both logs make one tree."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.services import private
from tests.integration.services.asking import until
from tests.integration.services.keepalive import Client
from tests.integration.services.process import chat_api, client, db_api
from tests.integration.services.test_drain import drain

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.integration.services.conftest import Pair

MRN, QUERY = private.QUESTIONS[4]
PARENT = "b7ad6b7169203331"
CLIENTS = 6
OWN = "triage_inference"


@pytest.fixture(scope="module")
def answers(pair: Pair) -> list[tuple[str, httpx.Response]]:
    """Return trace id and answer of each known question, once all turns are kept."""
    found = [pair.traced(mrn, query) for mrn, query in private.QUESTIONS]
    for trace_id, _ in found:
        audited(pair, trace_id)
    return found


def audited(pair: Pair, trace_id: str) -> list[dict[str, Any]]:
    """Return chat-api's own audit records of a trace once there are any."""
    found: list[dict[str, Any]] = []

    def some() -> bool:
        page = pair.below.get(f"/audit-logs?request_id={trace_id}").json()
        found[:] = [record for record in page["items"] if record["event_type"] == OWN]
        return bool(found)

    until(some)
    return found


def stored(below: httpx.Client, path: str) -> int:
    """Return how many records there are at a path, of audit records those of chat-api alone."""
    found, next_page = 0, f"/{path}?limit=100"
    while next_page:
        page = below.get(next_page).json()
        found += sum(record.get("event_type", OWN) == OWN for record in page["items"])
        next_page = page["next"]
    return found


@pytest.mark.parametrize("number", range(len(private.QUESTIONS)), ids=[case["number"] for case in private.CASES])
def test_turn_is_kept_as_it_was(pair: Pair, answers: list[tuple[str, httpx.Response]], number: int) -> None:
    """Each known question becomes a chat log with the very words, found by the answer's id, and one audit record."""
    mrn, query = private.QUESTIONS[number]
    trace_id, response = answers[number]
    answer = response.json()

    (audit,) = audited(pair, trace_id)
    log = pair.below.get(f"/chat-logs/{answer['conversation_id']}").json()

    assert (response.status_code, log["patient_mrn"], log["trace_id"]) == (200, mrn, trace_id)
    assert [(message["role"], message["content"]) for message in log["messages"]] == [
        ("user", query),
        ("assistant", answer["response"]),
    ]
    assert (log["urgency"], log["llm_mode"], log["status"]) == (answer["urgency"], "mock", "ok")
    # As text a full second, which is written without a point, comes after its own milliseconds.
    assert datetime.fromisoformat(log["started_at"]) <= datetime.fromisoformat(log["ended_at"])
    passages = [result["doc_id"] for event in log["retrieval_events"] for result in event["results"]]
    assert passages == [citation["doc_id"] for citation in answer["citations"]]
    assert (audit["patient_mrn"], audit["actor_id"], audit["status"]) == (mrn, "chat-api", "success")
    assert audit["output_summary"].startswith(answer["urgency"])
    assert private.quoted(json.dumps({**audit, "patient_mrn": None})) == []


def test_unknown_patient_is_audited_and_has_no_conversation(pair: Pair) -> None:
    """The audit says who was asked for, and no chat log says anything of anybody."""
    trace_id, response = pair.traced(*private.UNKNOWN)

    (audit,) = audited(pair, trace_id)

    assert response.status_code == 404
    assert (audit["status"], audit["output_summary"]) == ("error", "error patient_not_found")
    assert pair.below.get("/chat-logs?patient_mrn=P999999").json()["items"] == []


def test_logs_of_both_make_one_tree(pair: Pair) -> None:
    """The caller is chat-api's parent, and a step of chat-api's that of what db-api did for the answer."""
    trace_id, _ = pair.traced(MRN, QUERY)

    (above,) = [line for line in pair.chat_api.trace(trace_id) if line["event"] == "request"]
    (below,) = [line for line in pair.db_api.trace(trace_id) if line["event"] == "request"]

    assert (above["route"], above["parent_id"]) == ("/triage", PARENT)
    steps = {step["name"]: step for step in above["spans"]}
    assert set(steps) == {"db_api", "rules", "retrieval", "model"}
    assert {step["status"] for step in steps.values()} == {"ok"}
    assert 0 < sum(step["duration_ms"] for step in steps.values()) < above["duration_ms"]
    assert (below["route"], below["parent_id"]) == ("/patients/{mrn}/summary", steps["db_api"]["span_id"])
    ids = {PARENT, above["span_id"], below["span_id"], *(step["span_id"] for step in steps.values())}
    assert len(ids) == 7


def test_keeping_of_a_turn_is_found_by_its_question(pair: Pair) -> None:
    """A line joins the question's trace to that of the batch which was kept, and db-api's line is a child of that."""
    trace_id, _ = pair.traced(MRN, QUERY)
    audited(pair, trace_id)

    def sent() -> list[dict[str, Any]]:
        return [line for line in pair.chat_api.lines() if trace_id in line.get("trace_ids", ())]

    until(lambda: bool(sent()))
    (line,) = sent()
    below = [found for found in pair.db_api.trace(line["trace_id"]) if found["event"] == "request"]
    assert (line["event"], line["status"]) == ("sent_turns", 200)
    assert [(found["route"], found["parent_id"]) for found in below] == [("/turns", line["span_id"])]


def test_lines_about_one_patient_are_found_together(pair: Pair) -> None:
    """In each service's log the lines of a patient have one hash, and those of another patient another."""
    traces = [pair.traced(mrn, QUERY)[0] for mrn in (MRN, MRN, "P000101")]
    for running in (pair.db_api, pair.chat_api):
        hashes = [
            next(line["patient_mrn"] for line in running.trace(trace_id) if line["event"] == "request")
            for trace_id in traces
        ]
        assert all(re.fullmatch("mrn:[0-9a-f]{8}", found) for found in hashes)
        assert hashes[0] == hashes[1] != hashes[2]


def test_db_api_gives_up_what_its_caller_does_not_wait_for(pair: Pair) -> None:
    response = pair.below.get(f"/patients/{MRN}/summary", headers={"X-Request-Timeout-Ms": "0"})

    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")


@pytest.mark.slow
def test_drain_under_load_fails_no_question_and_loses_no_turn(tmp_path: Path) -> None:
    """Every question is answered, every turn is kept when the process is gone, and its log names nobody."""
    leave, answered = threading.Event(), threading.Semaphore(0)
    questions = tuple(json.dumps({"patient_mrn": mrn, "query": query}).encode() for mrn, query in private.QUESTIONS)
    settings = {
        "DRAIN_SECONDS": "600",
        "DB_API_TIMEOUT_S": "60",
        "REQUEST_DEADLINE_S": "60",
        "STOP_GRACE_SECONDS": "30",
    }
    with db_api(tmp_path) as lower, chat_api(tmp_path, lower.address, **settings) as running:
        clients = [Client(running.address, ("/triage",), leave, answered, questions) for _ in range(CLIENTS)]
        status = drain(running, clients, answered, leave)
        with client(lower.address) as below:
            kept = {path: stored(below, path) for path in ("chat-logs", "audit-logs")}

    statuses = sum((each.statuses for each in clients), Counter())
    assert [failure for each in clients for failure in each.failures] == []
    assert set(statuses) == {200}
    assert status == -signal.SIGTERM
    assert set(kept.values()) == {statuses.total()}
    assert not {"turns_lost", "turns_dropping", "turn_refused"} & {line["event"] for line in running.lines()}
    assert private.quoted(running.output.read_text()) == []
