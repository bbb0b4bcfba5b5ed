"""The questions that documentation, demo and tests share, and what each must be answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.service_chat.served import Served

pytestmark = pytest.mark.anyio
CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['number']}-{case['urgency']}")
async def test_a_known_question_has_its_answer(served: Served, case: dict[str, Any]) -> None:
    """Urgency, rules and citations are these, in every run, process and version of Python."""
    response = await served.triage(case["mrn"], case["query"])

    assert response.status_code == 200
    body = response.json()
    assert body["urgency"] == case["urgency"]
    assert body["matched_rules"] == case["matched_rules"]
    assert [[each["doc_id"], each["score"]] for each in body["citations"]] == case["citations"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['number']}-{case['urgency']}")
async def test_a_known_question_is_answered_in_these_terms(served: Served, case: dict[str, Any]) -> None:
    """The answer names what it rests on, and the next step whom to turn to."""
    body = (await served.triage(case["mrn"], case["query"])).json()

    assert [each for each in case["says"] if each not in body["response"]] == []
    assert [each for each in case["next_step"] if each not in body["next_step"]] == []


async def test_asking_twice_changes_nothing(served: Served) -> None:
    """Without trace id and time, two answers to one question are equal."""
    for case in CASES:
        first, second = [(await served.triage(case["mrn"], case["query"])).json() for _ in range(2)]
        for body in (first, second):
            del body["trace_id"], body["inference_time_ms"]
        assert first == second
