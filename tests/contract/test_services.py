"""chat-api over the real db-api, over real sockets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from service_chat.records import Record
from tests.contract import summaries

if TYPE_CHECKING:
    from tests.contract.conftest import Pair

HEAD_INJURY = "I slipped and hit my head"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_an_unknown_patient_is_a_404_through_both(pair: Pair) -> None:
    """db-api's code is the one chat-api understands."""
    response = pair.triage("P999999", "Which pills am I on?")

    assert (response.status_code, response.json()["code"]) == (404, "patient_not_found")
    assert response.json()["trace_id"] == response.headers["x-trace-id"]


def test_blanks_are_no_question(pair: Pair) -> None:
    """A 422 with a trace id and no echo."""
    response = pair.triage("P000105", "  ")

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
    assert "P000105" not in response.text


def test_a_head_injury_is_answered_from_the_record(pair: Pair) -> None:
    """The question of the demo: urgent, because this patient takes a blood thinner."""
    response = pair.triage("P000102", HEAD_INJURY)

    assert response.status_code == 200
    assert response.json()["urgency"] == "urgent"
    assert "apixaban" in response.json()["response"]


def test_both_are_alive_and_ready(pair: Pair) -> None:
    """The probes' path answers for itself and, asked for readiness, for what is below."""
    for running, checks in ((pair.db_api, {"database": "ok"}), (pair.chat_api, {"db-api": "ok"})):
        alive = pair.client.get(f"{running.address}/health")
        ready = pair.client.get(f"{running.address}/health?check=ready")
        assert (alive.status_code, alive.json()["status"]) == (200, "ok")
        assert (ready.status_code, ready.json()["checks"]) == (200, checks)


@pytest.mark.parametrize("mrn", summaries.MRNS)
def test_chat_reads_every_summary(pair: Pair, mrn: str) -> None:
    """chat-api's own models fit what db-api answers."""
    response = pair.client.get(f"{pair.db_api.address}/patients/{mrn}/summary")

    assert Record.model_validate_json(response.content).patient.mrn == mrn


def test_the_unit_tests_know_the_real_answers(pair: Pair) -> None:
    """chat-api is tested with what db-api answers; `python -m tests.contract.summaries` writes it anew."""
    kept = json.loads(summaries.FILE.read_text(encoding="utf-8"))

    assert summaries.ask(pair.db_api.address) == kept


def test_one_trace_leads_through_both_logs(pair: Pair) -> None:
    """The caller's trace id is in the access line of either service."""
    pair.triage("P000102", HEAD_INJURY, traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    for running, route in ((pair.chat_api, "/triage"), (pair.db_api, "/patients/{mrn}/summary")):
        lines = running.told(TRACE)
        assert [(each["event"], each["route"], each["status"]) for each in lines] == [("request", route, 200)]


def test_neither_log_names_anybody(pair: Pair) -> None:
    """After answers and errors alike, no MRN, name or question is in what either service wrote."""
    pair.triage("P000102", HEAD_INJURY)
    pair.triage("P999999", HEAD_INJURY)
    pair.client.get(f"{pair.db_api.address}/patients/P000102x?name=Renn")

    for running in (pair.chat_api, pair.db_api):
        text = running.output.read_text()
        assert '"event":"request"' in text
        for private in ("P000102", "P999999", "slipped", "Tobias", "Renn", "Quarry"):
            assert private not in text
