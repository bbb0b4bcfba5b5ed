"""The questions that documentation, demo and tests share, and what each must be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.service_chat.answers import CASES

if TYPE_CHECKING:
    from tests.unit.service_chat.served import Served

pytestmark = pytest.mark.anyio
ANSWERED = [case for case in CASES if "status" not in case]
REFUSED = [case for case in CASES if "status" in case]


def test_all_of_them_are_here() -> None:
    """The table is complete."""
    assert [case["number"] for case in CASES] == list(range(1, 21))
    # What an answer has to name is in the words that it is held against.
    assert [case["number"] for case in ANSWERED for words in case["says"] if words not in case["response"]] == []


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: f"{case['number']}-{case['urgency']}")
async def test_a_known_question_has_its_answer(served: Served, case: dict[str, Any]) -> None:
    """Urgency, rules, facts, citations, words and next step are these, in every run and process."""
    response = await served.triage(case["mrn"], case["query"])

    assert response.status_code == 200
    body = response.json()
    assert body["urgency"] == case["urgency"]
    assert body["matched_rules"] == case["matched_rules"]
    assert [[each["kind"], each["text"]] for each in body["facts"]] == case["facts"]
    assert [[each["doc_id"], each["score"]] for each in body["citations"]] == case["citations"]
    assert body["response"] == case["response"]
    assert [words for words in case["next_step"] if words not in body["next_step"]] == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case['number']}-{case['code']}")
async def test_what_cannot_be_answered_is_refused(served: Served, case: dict[str, Any]) -> None:
    """Nobody's record and an empty question have their problems, with the trace id and without an echo."""
    response = await served.triage(case["mrn"], case["query"])

    assert (response.status_code, response.json()["code"]) == (case["status"], case["code"])
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert case["mrn"] not in response.text
