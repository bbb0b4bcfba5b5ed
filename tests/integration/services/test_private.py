"""
Nobody is in what either service writes or counts: not a persona's name, birthday, address or number, not a question.

The services run as processes, with debug lines on; what is searched is all that
they wrote and all their metrics. The faults of db-api and of the model are
searched where they are made: test_chat_faults, test_model_faults.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.services import private
from tests.integration.services.crooked import Crooked, good, saying
from tests.integration.services.process import client, get, service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.services.conftest import Pair

MRN, QUERY = private.QUESTIONS[4]


def assert_nobody(text: str) -> None:
    assert text
    assert private.quoted(text) == []


def assert_pair_names_nobody(pair: Pair) -> None:
    for running in (pair.db_api, pair.chat_api):
        assert '"event":"request"' in running.output.read_text()
        assert_nobody(running.output.read_text())
        assert_nobody(get(running.metrics).text)


def test_search_finds_what_it_should() -> None:
    """A search that finds nothing anywhere proves nothing."""
    planted = {
        "a line about Tobias": ["Tobias"],
        "born 07/29/1958.": ["07/29/1958"],
        '"203 quarry road"': ["203 Quarry Road", "Quarry Road"],
        "GET /patients/p000102": ["p000102"],
    }
    for text, found in planted.items():
        assert set(private.quoted(text)) >= set(found), text
    assert private.quoted(f"input_value={QUERY!r}")
    assert private.quoted("request answered with status 200 by db_api, in 12345 ms") == []


@pytest.mark.parametrize(
    "questions",
    [
        pytest.param(private.QUESTIONS[3:6], id="some"),
        pytest.param(private.QUESTIONS, id="all", marks=pytest.mark.slow),
    ],
)
def test_logs_of_answered_questions_name_nobody(pair: Pair, questions: list[tuple[str, str]]) -> None:
    assert {pair.triage(mrn, query).status_code for mrn, query in questions} == {200}
    assert_pair_names_nobody(pair)


def test_logs_of_refused_questions_name_nobody(pair: Pair) -> None:
    """An unknown patient, and input of every wrong kind: in path, query, method, headers and body."""
    body = {"patient_mrn": MRN, "query": QUERY}

    assert pair.triage(*private.UNKNOWN).status_code == 404
    for mrn, query in ((f"{MRN}x", QUERY), (MRN, ""), (MRN, QUERY * 100), (QUERY, MRN)):
        assert pair.triage(mrn, query).status_code == 422
    for path in (f"/triage/{MRN}", f"/{QUERY}", f"/triage?query={QUERY}"):
        pair.above.post(path, json={**body, QUERY: MRN})
    pair.above.request(QUERY.split()[0], f"/{MRN}")
    pair.above.post("/triage", content=json.dumps(body)[:-2])
    pair.above.post("/triage", json=body, headers={"traceparent": MRN, "x-trace-id": QUERY})
    pair.below.get(f"/patients/{MRN}x?name=Renn")

    assert_pair_names_nobody(pair)


def test_unforeseen_error_is_logged_without_its_text(tmp_path: Path) -> None:
    """A fault in the service whose text quotes the question and the whole record."""
    record = saying(good(json.dumps(private.SUMMARIES[MRN]).encode()))
    with (
        Crooked(record).running() as below,
        service(
            "tests.integration.services.broken",
            tmp_path,
            {"DB_API_BASE_URL": below.address, "METRICS_PORT": "0", "LOG_LEVEL": "DEBUG"},
        ) as running,
        client(running.address) as above,
    ):
        response = above.post("/triage", json={"patient_mrn": MRN, "query": QUERY})
        numbers = get(running.metrics).text
        assert running.line("unhandled_error")["error"] == "RuntimeError"

    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    for text in (response.text, numbers, running.output.read_text()):
        assert_nobody(text)
