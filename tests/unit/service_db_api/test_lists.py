"""Every list over HTTP: its order, its pages and its filters."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from service_db_api.models import AuditLogPage, ChatLogPage, ClaimPage, DocumentPage, EncounterPage, PatientPage
from service_db_api.routes.parameters import MAX_LIMIT
from service_db_api.store.writing import write
from tests.unit.service_db_api.records import forget, records, request_id, rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.models.page import Page
    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio
MRN = "P000901"
NUMBER = 11
# Path -> the field by which a list is ordered, newest first when it is an instant or a day, and its record's id.
LISTS: dict[str, tuple[type[Page[Any]], str, str]] = {
    "/patients": (PatientPage, "mrn", "mrn"),
    "/encounters": (EncounterPage, "start", "encounter_id"),
    f"/encounters?patient_mrn={MRN}": (EncounterPage, "start", "encounter_id"),
    f"/patients/{MRN}/encounters": (EncounterPage, "start", "encounter_id"),
    "/claims": (ClaimPage, "service_date", "claim_id"),
    f"/claims?patient_mrn={MRN}": (ClaimPage, "service_date", "claim_id"),
    f"/patients/{MRN}/claims": (ClaimPage, "service_date", "claim_id"),
    "/documents": (DocumentPage, "metadata.created_at", "doc_id"),
    "/documents?source_type=visit_note": (DocumentPage, "metadata.created_at", "doc_id"),
    f"/documents?patient_mrn={MRN}&source_type=visit_note": (DocumentPage, "metadata.created_at", "doc_id"),
    f"/patients/{MRN}/documents": (DocumentPage, "metadata.created_at", "doc_id"),
    f"/patients/{MRN}/documents?source_type=visit_note": (DocumentPage, "metadata.created_at", "doc_id"),
    "/chat-logs": (ChatLogPage, "started_at", "conversation_id"),
    f"/chat-logs?patient_mrn={MRN}": (ChatLogPage, "started_at", "conversation_id"),
    f"/audit-logs?request_id={request_id(MRN)}": (AuditLogPage, "created_at", "event_id"),
}


# One of each collection and of each kind of address; the others differ from these by a filter.
FAST = {
    "/patients",
    "/encounters",
    f"/claims?patient_mrn={MRN}",
    f"/patients/{MRN}/documents?source_type=visit_note",
    "/chat-logs",
    f"/audit-logs?request_id={request_id(MRN)}",
}


@pytest.fixture(scope="module")
async def many(served: Served) -> AsyncIterator[Served]:
    """Yield the application with a patient more, three of whose records share each moment."""
    await write(served.store, rows(records(MRN, NUMBER)))
    yield served
    await forget(served.store, MRN)


def field(item: dict[str, Any], name: str) -> Any:
    for part in name.split("."):
        item = item[part]
    return item


async def page(served: Served, path: str, **asked: int) -> dict[str, Any]:
    """Return the page of PATH that was ASKED for."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    response = await served.client.get(f"{path}{'&' if '?' in path else '?'}{query}")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    assert response.headers.get("link") == (f'<{found["next"]}>; rel="next"' if found["next"] else None)
    return found


def place(*values: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "A" * 401,
        "%00",
        "AAAA",
        base64.urlsafe_b64encode(b"null").decode().rstrip("="),
        place(),
        place(1704099600250),
        place("2024-01-01", "ENC-2024-01-01-01"),
        place(True, "ENC-2024-01-01-01"),
        place(10**18, "ENC-2024-01-01-01"),
        place(-(10**18), "ENC-2024-01-01-01"),
        place(1.5, "ENC-2024-01-01-01"),
        place({"$gt": 0}, "ENC-2024-01-01-01"),
        place(1704099600250, {"$ne": None}),
        place(1704099600250, "ENC 2024"),
        place(1704099600250, "ENC-2024-01-01-01", 1),
    ],
)
async def test_a_place_that_no_link_tells_is_refused(many: Served, after: str) -> None:
    """`after` is taken from links; anything else neither reaches the database nor comes back."""
    response = await many.client.get(f"/encounters?after={after}")

    body = response.json()
    assert (response.status_code, body["code"]) == (422, "invalid_input")
    assert body["errors"][0]["loc"] == ["query", "after"]


async def test_a_link_and_a_number_to_skip_exclude_each_other(many: Served) -> None:
    """Which of the two was meant could only be guessed."""
    link = (await page(many, "/encounters", limit=1))["next"]

    response = await many.client.get(f"{link}&skip=1")

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("kind", ["encounters", "claims", "documents"])
async def test_an_unknown_patient_has_no_lists(many: Served, kind: str) -> None:
    """A list of nobody's is a 404, whichever page is asked for; one of a patient without records is empty."""
    for query in ("", "?skip=5", "?limit=100"):
        response = await many.client.get(f"/patients/P999999/{kind}{query}")
        assert (response.status_code, response.json()["code"]) == (404, "patient_not_found")

    empty = await page(many, f"/patients/P000108/{kind}", skip=0)
    assert (empty["items"], empty["total"], empty["next"]) == ([], 0, None)


@pytest.mark.parametrize("kind", ["encounters", "claims", "documents", "chat-logs"])
async def test_a_filter_by_nobody_finds_nothing(many: Served, kind: str) -> None:
    """A filter is no address: whom nobody knows has nothing."""
    assert (await page(many, f"/{kind}?patient_mrn=P999999"))["items"] == []


@pytest.mark.parametrize("path", LISTS)
async def test_a_page_has_the_documented_form(many: Served, path: str) -> None:
    """The bytes are what the model of the answer says, no more and no less."""
    response = await many.client.get(path)

    found = LISTS[path][0].model_validate_json(response.content, extra="forbid")
    assert response.headers["content-type"] == "application/json"
    assert (found.skip, found.limit) == (0, 10)
    # What the model makes of it is what was sent: no field is left out, no value has another form.
    assert orjson.loads(found.model_dump_json()) == orjson.loads(response.content)


@pytest.mark.parametrize("path", [pytest.param(path, marks=() if path in FAST else pytest.mark.slow) for path in LISTS])
async def test_links_lead_through_the_whole_list(many: Served, path: str) -> None:
    """Pages by `next` join to the list in its order, without gap or repetition, and those by `skip` agree."""
    _, ordered_by, key = LISTS[path]
    whole = await page(many, path, limit=MAX_LIMIT)
    ids = [each[key] for each in whole["items"]]
    by_link, by_skip = [], []

    link: str | None = f"{path}{'&' if '?' in path else '?'}limit=4"
    while link:
        found = (await many.client.get(link)).json()
        assert found["total"] == len(ids)
        by_link += [each[key] for each in found["items"]]
        link = found["next"]
    for skip in range(0, len(ids) + 4, 4):
        by_skip += [each[key] for each in (await page(many, path, limit=4, skip=skip))["items"]]

    assert len(set(ids)) == len(ids) >= 9
    assert by_link == ids
    assert by_skip == ids
    expected = sorted(whole["items"], key=lambda each: each[key])
    expected.sort(key=lambda each: field(each, ordered_by), reverse=ordered_by != "mrn")
    assert [each[key] for each in expected] == ids


async def test_a_link_holds_while_records_come(many: Served) -> None:
    """What is stored above the place of a link moves nothing below it."""
    first = await page(many, f"/patients/{MRN}/encounters", limit=4)
    below = (await many.client.get(first["next"])).json()
    extra = rows(records(MRN, NUMBER + 3))["encounters"][-1]
    await write(many.store, {"encounters": [{**extra, "encounter_id": "ENC-2024-02-01-99"}]})
    try:
        again = (await many.client.get(first["next"])).json()
    finally:
        await many.store._database["encounters"].delete_one({"encounter_id": "ENC-2024-02-01-99"})

    assert again["items"] == below["items"]
    assert again["total"] == below["total"] + 1


async def test_a_filter_keeps_to_what_it_says(many: Served) -> None:
    """Only the patient, only the kind, and both; links carry them on."""
    found = await page(many, f"/documents?patient_mrn={MRN}&source_type=visit_note", limit=3)

    assert {(each["patient_mrn"], each["source_type"]) for each in found["items"]} == {(MRN, "visit_note")}
    assert found["total"] == NUMBER - 1
    assert f"patient_mrn={MRN}&source_type=visit_note&limit=3&after=" in found["next"]
    plans = await page(many, f"/patients/{MRN}/documents?source_type=care_plan")
    assert [each["source_type"] for each in plans["items"]] == ["care_plan"]


@pytest.mark.parametrize(
    "path",
    [
        "/encounters?patient_mrn=P1",
        "/claims?source_type=care_plan",
        "/documents?source_type=diary",
        "/documents?patient_mrn=",
        "/patients/P000101/documents?patient_mrn=P000101",
        "/chat-logs?trace_id=1",
        "/audit-logs?request_id=1",
    ],
)
async def test_an_unknown_filter_is_refused(many: Served, path: str) -> None:
    """A misspelt filter does not answer with everybody's records."""
    response = await many.client.get(path)

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
