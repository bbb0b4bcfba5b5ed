"""What is looked up in the record, and told."""

from __future__ import annotations

import pytest

from service_chat import wording
from service_chat.assessment import assess
from service_chat.records import Record
from tests.unit.service_chat.served import SUMMARIES, record


def _told(mrn: str, query: str) -> str:
    return wording.words(assess(query, record(mrn)))


@pytest.mark.parametrize(
    ("mrn", "query", "told"),
    [
        ("P000102", "Who is my doctor?", "Casimir Holt, Internal medicine"),
        ("P000102", "when was my last visit and with whom?", "2025-10-02, Alder Street Clinic, with Casimir Holt"),
        ("P000102", "what is my weight", "weight 87.9 kg on 2025-10-02"),
        ("P000102", "What was my last blood pressure?", "blood pressure 128/78 mmHg on 2025-10-02"),
        ("P000105", "when is my due date?", "Your record lists no due date."),
        ("P000101", "Welche Medikamente nehme ich?", "metformin"),
    ],
)
def test_the_record_is_told(mrn: str, query: str, told: str) -> None:
    """What the record holds is told with its date, and what it does not hold is said to be missing."""
    assert told in _told(mrn, query)


def test_a_provider_that_is_not_named_is_not_told() -> None:
    """Without the provider's name in the record there is none in the answer."""
    unnamed = Record.model_validate({**SUMMARIES["P000102"], "providers": []})

    assert wording.words(assess("Who is my doctor?", unnamed)) == "Your record lists no primary care provider."
    assert "with" not in wording.words(assess("when was my last visit?", unnamed))


def test_taking_two_together_is_no_list() -> None:
    """Whether medicines go together is for a pharmacist; the record's are told beside it."""
    found = assess("can I take aspirin with my tablets", record("P000102"))

    assert found.leading.name == "routine.combining"
    assert "pharmacist" in found.next_step
    assert "apixaban" in wording.words(found)
