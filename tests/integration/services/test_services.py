"""chat-api over the real db-api, over real sockets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from service_chat.records import Record
from tests.integration.services import summaries

if TYPE_CHECKING:
    from tests.integration.services.conftest import Pair

HEAD_INJURY = "I slipped and hit my head"


def test_triage_of_an_unknown_patient_is_a_404_through_both(pair: Pair) -> None:
    """db-api's code is the one chat-api understands."""
    response = pair.triage("P999999", "Which pills am I on?")

    assert (response.status_code, response.json()["code"]) == (404, "patient_not_found")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["trace_id"] == response.headers["x-trace-id"]


def test_triage_of_blanks_is_refused_without_an_echo(pair: Pair) -> None:
    response = pair.triage("P000105", "  ")

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert "P000105" not in response.text


def test_triage_of_a_head_injury_is_answered_from_the_record(pair: Pair) -> None:
    """The question of the demo: urgent, because this patient takes a blood thinner."""
    response = pair.triage("P000102", HEAD_INJURY)

    assert response.status_code == 200
    assert response.json()["urgency"] == "urgent"
    assert "apixaban" in response.json()["response"]


def test_health_of_both_is_alive_and_ready(pair: Pair) -> None:
    """The probes' path answers for itself and, asked for readiness, for what is below."""
    for client, checks in ((pair.below, {"database": "ok"}), (pair.above, {"db-api": "ok"})):
        alive, ready = client.get("/health"), client.get("/health?check=ready")
        assert (alive.status_code, alive.json()["status"]) == (200, "ok")
        assert (ready.status_code, ready.json()["checks"]) == (200, checks)


def test_summaries_of_db_api_are_those_of_the_unit_tests(pair: Pair) -> None:
    """
    chat-api is tested with what db-api answers, and its models fit that.

    `python -m tests.integration.services.summaries` writes the file again.
    """
    found = summaries.ask(pair.below)

    assert found == json.loads(summaries.FILE.read_text(encoding="utf-8"))
    assert [Record.model_validate(summary).patient.mrn for summary in found.values()] == summaries.MRNS


def test_trace_of_a_question_leads_through_both_logs(pair: Pair) -> None:
    """The caller's trace id is in the access line of either service."""
    trace_id, _ = pair.traced("P000102", HEAD_INJURY)

    for running, route in ((pair.chat_api, "/triage"), (pair.db_api, "/patients/{mrn}/summary")):
        lines = [line for line in running.trace(trace_id) if line["event"] == "request"]
        assert [(line["route"], line["status"]) for line in lines] == [(route, 200)]
