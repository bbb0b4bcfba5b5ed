"""Patients over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_db_api.models import PatientPage, Summary
from service_db_api.store.schema import PATIENTS

if TYPE_CHECKING:
    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio
MRNS = [f"P00010{number}" for number in range(1, 9)]


@pytest.mark.parametrize("suffix", ["", "/summary"])
@pytest.mark.parametrize(
    "mrn", ["P123", "p000102", "P000102x", "P0001022", "P\u0660\u0660\u0660\u0661\u0660\u0662", "%20"]
)
async def test_a_malformed_mrn_is_a_422(served: Served, mrn: str, suffix: str) -> None:
    """Nothing that is no MRN reaches the database, and it is not echoed."""
    response = await served.client.get(f"/patients/{mrn}{suffix}")

    body = response.json()
    assert (response.status_code, body["code"]) == (422, "invalid_input")
    assert body["errors"] == [{"loc": ["path", "mrn"], "type": "string_pattern_mismatch"}]


@pytest.mark.parametrize("path", ["/patients%2FP000102", "/patients/P000102%2fsummary", "/health%2Fdb"])
async def test_an_encoded_slash_leads_nowhere(served: Served, path: str) -> None:
    """Part of an id is no part of a path."""
    response = await served.client.get(path)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("suffix", ["", "/summary"])
async def test_an_unknown_patient_is_a_404(served: Served, suffix: str) -> None:
    """A code that chat-api relies on, and not the MRN that was asked for."""
    response = await served.client.get(f"/patients/P999999{suffix}")

    assert (response.status_code, response.json()["code"]) == (404, "patient_not_found")
    assert "P999999" not in response.text


@pytest.mark.parametrize(
    "query",
    [
        "skip=-1",
        "skip=10001",
        "skip=99999999999999999999",
        "skip=x",
        "skip=",
        "skip=1.5",
        "limit=0",
        "limit=101",
        "limit=NaN",
        "limit=1e2",
        "limit=1&limit=2",
        "limit=%00",
        "pages=2",
        "after=",
        "after=P000102",
        "after=WyJQMDAwMTAyIl0&skip=0",
        "patient_mrn=P000102",
        "&".join(f"a{number}=" for number in range(60)),
    ],
)
async def test_a_page_is_bounded(served: Served, query: str) -> None:
    """No question may make the database read more than a page, or skip without end."""
    response = await served.client.get(f"/patients?{query}")

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


async def test_a_field_that_nobody_declared_is_not_shown(served: Served) -> None:
    """What another tool has put into the database beside a record's own fields stays there."""
    odd = {**(await served.store.patient("P000101") or {}), "mrn": "P000999", "ssn": "078-05-1120"}
    await served.store.upsert(PATIENTS, [odd])
    try:
        answers = [await served.client.get(f"/patients{each}") for each in ("/P000999", "/P000999/summary", "?skip=8")]
    finally:
        await served.store.remove(PATIENTS, ["P000999"])

    assert [each.status_code for each in answers] == [200] * 3
    assert all("P000999" in each.text and "078-05-1120" not in each.text for each in answers)


async def test_pages_join_without_gap_or_repetition(served: Served) -> None:
    """Pages follow each other by MRN, whatever their size."""
    found: list[str] = []
    for skip in (0, 3, 6, 9):
        page = (await served.client.get("/patients", params={"skip": skip, "limit": 3})).json()
        assert (page["total"], page["skip"], page["limit"]) == (8, skip, 3)
        found += [each["mrn"] for each in page["items"]]

    assert found == MRNS


async def test_a_page_has_the_documented_form(served: Served) -> None:
    """Ten patients at most unless told otherwise, each of them whole."""
    response = await served.client.get("/patients")

    page = PatientPage.model_validate_json(response.content, extra="forbid")
    assert (len(page.items), page.limit) == (8, 10)


async def test_one_patient(served: Served) -> None:
    """A patient comes with medication past and present, and dates as calendar dates."""
    body = (await served.client.get("/patients/P000102")).json()

    assert (body["mrn"], body["dob"]) == ("P000102", "1958-07-29")
    current = [each["name"] for each in body["medications"] if each["end_date"] is None]
    assert current == ["apixaban 5 mg", "lisinopril 10 mg"]


@pytest.mark.parametrize("path", ["/patients", *(f"/patients/{mrn}/summary" for mrn in MRNS)])
async def test_no_answer_shows_the_databases_own_id(served: Served, path: str) -> None:
    """`_id` never leaves the service."""
    response = await served.client.get(path)

    assert response.status_code == 200
    assert '"_id"' not in response.text


async def test_a_summary_is_newest_first_with_true_totals(served: Served) -> None:
    """What is recent comes first, money keeps its cents, instants end in Z."""
    response = await served.client.get("/patients/P000104/summary")

    summary = Summary.model_validate_json(response.content, extra="forbid")
    starts = [each.start for each in summary.recent_encounters]
    created = [each.metadata.created_at for each in summary.documents]
    assert starts == sorted(starts, reverse=True)
    assert created == sorted(created, reverse=True)
    assert summary.recent_claims[0].status == "denied"
    assert '"patient_responsibility":"185.00"' in response.text
    assert '"start":"2025-10-27T15:10:00Z"' in response.text
    assert summary.summary_metadata.model_dump() == {
        "mrn": "P000104",
        "encounter_count": 2,
        "claim_count": 2,
        "document_count": 3,
    }


async def test_a_summary_of_nothing_is_empty_lists(served: Served) -> None:
    """A patient without any entry is a patient, not an error."""
    body = (await served.client.get("/patients/P000108/summary")).json()

    assert [body[name] for name in ("recent_encounters", "recent_claims", "documents")] == [[], [], []]
    assert body["patient"]["conditions"] == []
    assert body["summary_metadata"]["document_count"] == 0
