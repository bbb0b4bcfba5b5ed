"""The bounds of a summary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from service_db_api.dataset import Dataset
from service_db_api.models import Claim, Document, Encounter, Patient
from service_db_api.seed import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio
MRN = "P000900"
FIRST = datetime(2024, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
async def busy(served: Served) -> AsyncIterator[Served]:
    """Yield the application with one more patient, who has more of everything than a summary lists."""
    person = {"name": {"first": "Busy", "last": "Body"}, "dob": "1990-01-01", "sex": "U"}
    address = {"line1": "1 Any Way", "city": "Eastmere", "state": "OR", "zip": "97001"}
    days = [FIRST + timedelta(days=number) for number in range(25)]
    await load(
        served.store,
        Dataset(
            patients=[Patient.model_validate({"mrn": MRN, **person, "address": address})],
            encounters=[_encounter(day) for day in days],
            claims=[_claim(day, number) for number, day in enumerate(days)],
            # The only care plan is the oldest document of all.
            documents=[_document(day, number) for number, day in enumerate(days)],
        ),
    )
    yield served
    for name in ("patients", "encounters", "claims", "documents"):
        await served.store._database[name].delete_many({"mrn" if name == "patients" else "patient_mrn": MRN})


def _encounter(day: datetime) -> Encounter:
    return Encounter(
        encounter_id=f"ENC-{day:%Y-%m-%d}-99", patient_mrn=MRN, type="telehealth", location="Home", start=day, end=day
    )


def _claim(day: datetime, number: int) -> Claim:
    amounts = {"billed_amount": "10.10", "allowed_amount": "10.10", "patient_responsibility": "0.01"}
    fields = {"claim_id": f"CLM-2024-{number:04}", "patient_mrn": MRN, "payer": "Nobody", "status": "pending"}
    return Claim.model_validate({**fields, **amounts, "service_date": day.date()})


def _document(day: datetime, number: int) -> Document:
    kind = "visit_note" if number else "care_plan"
    fields = {"doc_id": f"DOC-X-{number:04}", "patient_mrn": MRN, "source_type": kind, "title": "T", "text": "T"}
    return Document.model_validate({**fields, "metadata": {"created_at": day}})


async def test_lists_are_capped_and_totals_are_not(busy: Served) -> None:
    """Ten encounters and claims, twenty documents, and the true number of each."""
    body = (await busy.client.get(f"/patients/{MRN}/summary")).json()

    assert [len(body[name]) for name in ("recent_encounters", "recent_claims", "documents")] == [10, 10, 20]
    counts = body["summary_metadata"]
    assert (counts["encounter_count"], counts["claim_count"], counts["document_count"]) == (25, 25, 25)


async def test_the_newest_are_listed(busy: Served) -> None:
    """The cap cuts off what is old."""
    body = (await busy.client.get(f"/patients/{MRN}/summary")).json()

    assert body["recent_encounters"][0]["start"] == "2024-01-25T09:00:00Z"
    assert body["recent_claims"][-1]["service_date"] == "2024-01-16"
    assert body["recent_claims"][0]["patient_responsibility"] == "0.01"


async def test_a_care_plan_keeps_its_place(busy: Served) -> None:
    """However old, the care plan is among the documents."""
    body = (await busy.client.get(f"/patients/{MRN}/summary")).json()

    assert body["documents"][-1]["source_type"] == "care_plan"
    assert [each["source_type"] for each in body["documents"][:-1]] == ["visit_note"] * 19
