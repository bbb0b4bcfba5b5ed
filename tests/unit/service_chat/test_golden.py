"""The questions that documentation, demo and tests share, and what each must be answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.service_chat.answers import CASES, told

if TYPE_CHECKING:
    from tests.unit.service_chat.served import Served

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[3]
ANSWERED = [case for case in CASES if "status" not in case]
REFUSED = [case for case in CASES if "status" in case]
# Without a record, and without pydantic, which is not installed for them.
RULES_ONLY = """
import json, tomllib, types
from service_chat.assessment import assess
nothing = dict.fromkeys(("conditions", "current_medications", "medications", "allergies"), ())
patient = types.SimpleNamespace(**nothing, primary_care_provider_id=None)
empty = dict.fromkeys(("recent_claims", "recent_encounters", "documents"), ())
record = types.SimpleNamespace(patient=patient, **empty, provider=lambda _: None)
here = "tests/unit/service_chat/"
cases = json.load(open(here + "golden.json")) + tomllib.load(open(here + "paraphrases.toml", "rb"))["case"]
for case in cases:
    found = assess(case["query"], record)
    print(case["query"].encode(), found.level, [each.name for each in found.findings])
"""
NEWER = ("python3.12", "python3.13", "python3.14")


def test_all_of_them_are_here() -> None:
    """The table is complete."""
    assert [case["number"] for case in CASES] == list(range(1, 21))


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: f"{case['number']}-{case['urgency']}")
async def test_a_known_question_has_its_answer(served: Served, case: dict[str, Any]) -> None:
    """Urgency, rules, facts, citations and words are these, in every run, process and version of Python."""
    response = await served.triage(case["mrn"], case["query"])

    assert response.status_code == 200
    body = response.json()
    assert body["urgency"] == case["urgency"]
    assert body["matched_rules"] == case["matched_rules"]
    assert [[each["kind"], each["text"]] for each in body["facts"]] == case["facts"]
    assert [[each["doc_id"], each["score"]] for each in body["citations"]] == case["citations"]
    assert body["response"] == case["response"]


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: f"{case['number']}-{case['urgency']}")
async def test_a_known_question_is_answered_in_these_terms(served: Served, case: dict[str, Any]) -> None:
    """The answer names what it rests on, and the next step whom to turn to."""
    body = (await served.triage(case["mrn"], case["query"])).json()

    assert [each for each in case["says"] if each not in body["response"]] == []
    assert [each for each in case["next_step"] if each not in body["next_step"]] == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case['number']}-{case['code']}")
async def test_what_cannot_be_answered_is_refused(served: Served, case: dict[str, Any]) -> None:
    """Nobody's record and an empty question have their problems, with the trace id and without an echo."""
    response = await served.triage(case["mrn"], case["query"])

    assert (response.status_code, response.json()["code"]) == (case["status"], case["code"])
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert case["mrn"] not in response.text


async def test_asking_twice_changes_nothing() -> None:
    """Without ids and times, two answers to one question are equal, passages included."""
    assert await told() == await told()


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
async def test_no_process_answers_otherwise(seed: str) -> None:
    """The hash that Python salts anew for each process decides nothing."""
    assert _elsewhere(sys.executable, PYTHONHASHSEED=seed) == await told()


@pytest.mark.parametrize("python", NEWER)
def test_no_newer_python_answers_otherwise(python: str) -> None:
    """The rules find the same there; they need nothing but the standard library."""
    found = shutil.which(python)
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"there is no {python} here")

    here, there = (
        subprocess.run([each, "-c", RULES_ONLY], capture_output=True, text=True, cwd=ROOT, check=True).stdout
        for each in (sys.executable, found)
    )

    assert here
    assert here == there


def _elsewhere(python: str, **environment: str) -> list[dict[str, Any]]:
    command = [python, "-m", "tests.unit.service_chat.answers"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found
