"""The bounds of a summary, and that the one kept is the one computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from service_db_api.main import create_app
from service_db_api.models import Summary
from service_db_api.personas import personas
from service_db_api.settings import Settings
from service_db_api.store import summaries
from service_db_api.store.assembly import WHOLE, Limits
from service_db_api.store.row import body
from service_db_api.store.schema import ENCOUNTERS, PATIENTS, PROVIDERS, SUMMARIES
from service_db_api.store.writing import write
from tests.unit.service_db_api.records import forget, records, rows
from tests.unit.service_db_api.served import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio
# The first is read by many tests; the other two are there for one test each time, which may change them.
MRN, MINE, OTHER = "P000900", "P000905", "P000909"
QUERIES = ("", "?documents=20", "?documents=2")
MRNS = [each.mrn for each in personas().patients]


@pytest.fixture(scope="module")
async def busy(served: Served) -> AsyncIterator[Served]:
    """Yield the application with a patient who has more of everything than a summary lists, for tests that read."""
    await write(served.store, rows(records(MRN, 25)))
    yield served
    await forget(served.store, MRN)


@pytest.fixture
async def changing(served: Served) -> AsyncIterator[Served]:
    """Yield the application with two more patients, who have three records of each kind and one, for one test."""
    await write(served.store, rows(records(MINE, 3)))
    await write(served.store, rows(records(OTHER, 1)))
    yield served
    await forget(served.store, MINE)
    await forget(served.store, OTHER)


async def kept_and_computed(served: Served, mrn: str, limits: Limits = WHOLE) -> tuple[bytes, bytes]:
    assert await served.store.one(SUMMARIES, mrn)
    answer = await summaries.summary(served.store, mrn, limits)
    assert answer
    return answer.body, body(await summaries.computed(served.store, mrn, limits))


@pytest.mark.parametrize(
    "query",
    ["encounters=11", "claims=-1", "documents=21", "documents=1e1", "labs=1", "claims=1&claims=1", "encounters=NaN"],
)
async def test_amounts_are_bounded(served: Served, query: str) -> None:
    """No more than the ten, ten and twenty that are promised, and nothing else can be asked for."""
    response = await served.client.get(f"/patients/P000101/summary?{query}")

    assert (response.status_code, response.json()["code"]) == (422, "invalid_input")


async def test_a_summary_that_is_gone_is_computed(changing: Served) -> None:
    """While records are written, and for those of another tool, the answer comes from the records: to the byte."""
    kept = await changing.client.get(f"/patients/{MINE}/summary")
    await changing.store.remove(SUMMARIES, [MINE])

    computed = await changing.client.get(f"/patients/{MINE}/summary")

    assert (computed.status_code, computed.content) == (200, kept.content)
    assert computed.headers["etag"] == kept.headers["etag"]


async def test_a_summary_of_another_form_is_computed(changing: Served) -> None:
    """What an older version has kept is not answered by a newer one."""
    await changing.store.upsert(SUMMARIES, [{"mrn": MINE, "form": summaries.FORM - 1, "body": "{}", "etag": '"0"'}])

    response = await changing.client.get(f"/patients/{MINE}/summary")

    assert Summary.model_validate_json(response.content).patient.mrn == MINE


async def test_a_failed_write_leaves_no_summary(changing: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fault halfway a summary is missing, never wrong."""

    async def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service_db_api.store.summaries.keep", fail)
    with pytest.raises(KeyboardInterrupt):
        await write(changing.store, rows(records(MINE, 1)))

    assert await changing.store.one(SUMMARIES, MINE) is None
    assert (await changing.client.get(f"/patients/{MINE}/summary")).status_code == 200


@pytest.mark.parametrize("mrn", MRNS)
async def test_what_is_kept_is_what_is_computed(served: Served, mrn: str) -> None:
    """The four queries are the truth, and the kept summary of every persona is it, to the byte."""
    kept, computed = await kept_and_computed(served, mrn)

    assert kept == computed


@pytest.mark.parametrize("limits", [Limits(0, 0, 0), Limits(1, 2, 3), Limits(10, 10, 1), Limits(3, 0, 20)])
async def test_a_part_of_what_is_kept_is_what_is_computed(busy: Served, limits: Limits) -> None:
    """Fewer records come out of the kept summary as they would out of the records, and so do their providers."""
    kept, computed = await kept_and_computed(busy, MRN, limits)

    assert kept == computed
    body = orjson.loads(kept)
    assert [len(body[name]) for name in ("recent_encounters", "recent_claims", "documents")] == [
        limits.encounters,
        limits.claims,
        limits.documents,
    ]
    assert body["summary_metadata"]["document_count"] == 25


async def test_an_update_reaches_the_summary(changing: Served) -> None:
    """A patient who moves, and a visit more, are in the next answer."""
    changed = records(MINE, 4)
    changed.patients[0].address.city = "Westmere"

    await write(changing.store, rows(changed))

    kept, computed = await kept_and_computed(changing, MINE)
    assert kept == computed
    told: Any = orjson.loads(kept)
    assert told["patient"]["address"]["city"] == "Westmere"
    assert told["summary_metadata"]["encounter_count"] > 3


async def test_a_record_that_changes_hands_leaves_the_other_summary(changing: Served) -> None:
    """Ids repeat between generated sets: whoever had the record before has it no longer."""
    (moved,) = rows(records(OTHER, 1))[ENCOUNTERS.name]
    await write(changing.store, {ENCOUNTERS.name: [{**moved, "patient_mrn": MINE}]})

    for mrn, count in ((OTHER, 0), (MINE, 4)):
        kept, computed = await kept_and_computed(changing, mrn)
        assert kept == computed
        assert orjson.loads(kept)["summary_metadata"]["encounter_count"] == count


async def test_a_changed_provider_reaches_all_who_name_it(changing: Served) -> None:
    """A provider is written once and shown in many summaries."""
    before = await changing.store.one(PROVIDERS, "PROV-1001")
    assert before
    try:
        await write(changing.store, {PROVIDERS.name: [{**before, "specialty": "Sleep medicine"}]})
        for mrn in (MINE, "P000101"):
            kept, computed = await kept_and_computed(changing, mrn)
            assert kept == computed
            assert b"Sleep medicine" in kept
    finally:
        await write(changing.store, {PROVIDERS.name: [before]})


async def test_a_patient_without_records_is_kept_too(served: Served) -> None:
    """Nothing but a person is a summary as well."""
    await write(served.store, {PATIENTS.name: rows(records(OTHER, 0))[PATIENTS.name]})
    try:
        kept, computed = await kept_and_computed(served, OTHER)
    finally:
        await forget(served.store, OTHER)

    assert kept == computed
    assert orjson.loads(kept)["providers"] == []


async def test_lists_are_capped_and_totals_are_not(busy: Served) -> None:
    """Ten encounters and claims, twenty documents, and the true number of each."""
    body = (await busy.client.get(f"/patients/{MRN}/summary")).json()

    assert [len(body[name]) for name in ("recent_encounters", "recent_claims", "documents")] == [10, 10, 20]
    counts = body["summary_metadata"]
    assert (counts["encounter_count"], counts["claim_count"], counts["document_count"]) == (25, 25, 25)


async def test_the_newest_are_listed(busy: Served) -> None:
    """The cap cuts off what is old."""
    body = (await busy.client.get(f"/patients/{MRN}/summary")).json()

    assert body["recent_encounters"][0]["start"] == "2024-01-09T09:00:00.250000Z"
    assert body["recent_claims"][-1]["service_date"] == "2024-01-06"
    assert body["recent_claims"][0]["patient_responsibility"] == "0.01"


async def test_a_care_plan_keeps_its_place(busy: Served) -> None:
    """However old, the care plan is among the documents."""
    body = (await busy.client.get(f"/patients/{MRN}/summary")).json()

    assert body["documents"][-1]["source_type"] == "care_plan"
    assert [each["source_type"] for each in body["documents"][:-1]] == ["visit_note"] * 19


async def test_providers_are_told_by_name(busy: Served) -> None:
    """Whoever is named anywhere in the summary is told with name and specialty, and nobody else."""
    body = (await busy.client.get(f"/patients/{MRN}/summary?encounters=1&documents=0")).json()

    assert [sorted(each) for each in body["providers"]] == [["name", "provider_id", "specialty"]]
    assert body["providers"][0]["provider_id"] == "PROV-1001"


async def test_a_setting_lowers_what_is_listed(busy: Served) -> None:
    """An operator's bound holds whatever is asked for, and the totals stay true."""
    settings = Settings.model_validate({"mongodb_uri": busy.uri, "summary_max_documents": 3})

    async with serve(create_app(settings)) as bounded:
        answers = [(await bounded.client.get(f"/patients/{MRN}/summary{query}")).json() for query in QUERIES]

    assert [len(each["documents"]) for each in answers] == [3, 3, 2]
    assert len({each["summary_metadata"]["document_count"] for each in answers}) == 1
