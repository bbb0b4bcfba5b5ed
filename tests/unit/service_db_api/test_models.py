"""The records' types, and how they are stored."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from service_db_api.models import Claim, Encounter, Patient
from service_db_api.personas import personas
from service_db_api.store.row import row
from tests.unit.service_kit.examples import EXAMPLES, hold

CLAIM: dict[str, Any] = {
    "claim_id": "CLM-2025-0001",
    "patient_mrn": "P000102",
    "payer": "Nobody",
    "service_date": "2025-01-02",
    "billed_amount": "180.00",
    "allowed_amount": "120.00",
    "patient_responsibility": "30.00",
    "status": "paid",
}
ENCOUNTER: dict[str, Any] = {
    "encounter_id": "ENC-2025-01-02-01",
    "patient_mrn": "P000102",
    "type": "outpatient",
    "location": "Clinic",
    "start": "2025-01-02T09:00:00Z",
    "end": "2025-01-02T09:30:00Z",
}


@pytest.mark.parametrize(
    "change",
    [
        {"patient_mrn": "P1"},
        {"patient_mrn": "P000102\n"},
        {"claim_id": "CLM-1"},
        {"status": "lost"},
        {"allowed_amount": "180.01"},
        {"patient_responsibility": "120.01"},
        {"billed_amount": "-1", "allowed_amount": "-1", "patient_responsibility": "-1"},
        {"billed_amount": "180.001"},
        {"cpt_codes": ["9921"]},
    ],
)
def test_a_wrong_claim_is_refused(change: dict[str, Any]) -> None:
    """Ids have their pattern, amounts their order and cents."""
    with pytest.raises(ValidationError):
        Claim.model_validate({**CLAIM, **change})


@pytest.mark.parametrize(
    "change", [{"end": "2025-01-02T08:59:00Z"}, {"start": "2025-01-02T09:00:00"}, {"type": "visit"}]
)
def test_a_wrong_encounter_is_refused(change: dict[str, Any]) -> None:
    """An encounter ends after it starts, and instants know their offset."""
    with pytest.raises(ValidationError):
        Encounter.model_validate({**ENCOUNTER, **change})


@pytest.mark.parametrize("change", [{"risk_score": 1.1}, {"sex": "f"}, {"dob": "12.03.1984"}, {"name": {"first": "A"}}])
def test_a_wrong_patient_is_refused(change: dict[str, Any]) -> None:
    """Scores have bounds, codes their values, dates one form."""
    good = personas().patients[0].model_dump()

    with pytest.raises(ValidationError):
        Patient.model_validate({**good, **change})


@EXAMPLES
def test_money_survives_being_stored(examples: int) -> None:
    """An amount is stored as whole cents and comes back as the same dollars."""

    def check(cents: int) -> None:
        amount = Decimal(cents) / 100
        amounts = {"billed_amount": amount, "allowed_amount": amount, "patient_responsibility": 0}
        claim = Claim.model_validate({**CLAIM, **amounts})

        assert row(claim)["billed_amount"] == cents
        assert Claim.model_validate(row(claim)) == claim

    hold(examples, check, cents=st.integers(min_value=0, max_value=10**9))


def test_rows_hold_what_the_database_knows() -> None:
    """Calendar dates become text, instants stay instants, and every persona comes back as it was."""
    for collection, records in personas().by_collection():
        for each in records:
            assert collection.model.model_validate(row(each), extra="forbid") == each

    stored = row(Encounter.model_validate(ENCOUNTER))
    assert stored["start"] == datetime(2025, 1, 2, 9, tzinfo=UTC)
    assert row(Claim.model_validate(CLAIM))["service_date"] == "2025-01-02"
    assert Claim.model_validate(CLAIM).service_date == date(2025, 1, 2)
