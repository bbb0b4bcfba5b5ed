"""
What the store promises of records, over the wire.

Over NX-27017 always; over a server of your own as well when
CAREPATH_TEST_MONGODB_URI names one, such as mongodb://127.0.0.1:27017 of the
image mongo:8: a database of a new name is made there and dropped at the end.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from service_db_api.errors import DatabaseUnavailable
from service_db_api.models import AuditLog, ChatLog, Claim, Encounter, Patient, Provider, examples
from service_db_api.store.row import body, row, same
from service_db_api.store.schema import (
    ALL,
    AUDIT_LOGS,
    CHAT_LOGS,
    CLAIMS,
    COLLECTIONS,
    ENCOUNTERS,
    PATIENTS,
    PROVIDERS,
)
from service_kit.problem import Problem
from tests.integration.services.databases import DATABASES, EMBEDDED, anyio_backend, store

if TYPE_CHECKING:
    from service_db_api.store.mongo import Store

__all__ = ["anyio_backend", "store"]

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("store", DATABASES, indirect=True)]

TEXTS = [
    "Zoë Ångström",
    "Zoe\u0308 A\u030angstro\u0308m",
    "日本語 中文 한국어",
    "\u05e2\u05d1\u05e8\u05d9\u05ea \u202e\u0627\u0644\u0639",
    "🩺👩\u200d⚕️ \U0001f9d1\U0001f3fd",
    "\u00a0\u200b\ufeff",
    "tab\tline\nreturn\r",
    "$set {'a.b': 1} $where: ; -- ' \" \\ %00 \\u0000",
    "x" * 8000,
    "\uffff\U0010ffff",
]
INSTANTS = [
    "0001-01-01T00:00:00Z",
    "1899-12-31T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z",
    "2024-02-29T23:59:59.001Z",
    "2026-03-29T02:30:00+02:00",
    "2026-06-30T23:59:59.999999-11:30",
    "9999-12-31T23:59:59.999Z",
]


def person(mrn: str, **fields: Any) -> dict[str, Any]:
    """Return a patient as it is written."""
    return row(Patient.model_validate({**examples.PATIENT, "mrn": mrn, **fields}))


def doctor(number: int, npi: str) -> dict[str, Any]:
    """Return a provider as it is written."""
    told = {"provider_id": f"PROV-{number}", "npi": npi, "specialty": "Cardiology", "location": "Eastmere"}
    return row(Provider.model_validate({**told, "name": {"first": "Any", "last": "Body"}}))


def event(number: int, at: datetime) -> dict[str, Any]:
    """Return an event as it is written."""
    return row(AuditLog.model_validate({**examples.AUDIT_LOG, "event_id": f"EVT-{number:032x}", "created_at": at}))


async def test_a_taken_key_is_left_as_it_is(store: Store) -> None:
    """A second record of one key is not written, and the caller hears of it."""
    first, second = person("P000901", sex="F"), person("P000901", sex="X")

    assert [await store.insert(PATIENTS, each) for each in (first, second)] == [True, False]
    assert await store.one(PATIENTS, "P000901") == first
    assert await store.count(PATIENTS, {"mrn": "P000901"}) == 1


async def test_new_ones_are_written_around_taken_ones(store: Store) -> None:
    """A batch sent again after half of it had been written ends with each once, and changes none."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    batch = [event(number, now) for number in range(10)]
    await store.insert_new(AUDIT_LOGS, batch[3:7])

    await store.insert_new(AUDIT_LOGS, [{**each, "latency_ms": 77} for each in batch])

    found = await store.many(AUDIT_LOGS, {"created_at": batch[0]["created_at"]}, AUDIT_LOGS.listed, 100)
    assert [each["event_id"] for each in found] == [each["event_id"] for each in batch]
    assert [each["latency_ms"] == 77 for each in found] == [not 3 <= number < 7 for number in range(10)]


async def test_another_key_that_is_unique_is_a_fault(store: Store) -> None:
    """Two providers of one NPI are a mistake in the data, not a lost database, and nothing of the record is told."""
    await store.upsert(PROVIDERS, [doctor(9001, "1000000001")])

    with pytest.raises(Problem) as caught:
        await store.upsert(PROVIDERS, [doctor(9002, "1000000001")])

    assert not isinstance(caught.value, DatabaseUnavailable)
    assert await store.one(PROVIDERS, "PROV-9002") is None


async def test_writing_again_changes_nothing(store: Store) -> None:
    """An upsert of what is there leaves it as it is, once; of something else, it replaces all of it."""
    kept = person("P000902", risk_score=0.5)
    for _ in range(3):
        assert await store.upsert(PATIENTS, [kept]) == 1
    assert await store.many(PATIENTS, {"mrn": "P000902"}, PATIENTS.listed, 10) == [kept]

    changed = {name: value for name, value in kept.items() if name != "risk_score"}
    await store.upsert(PATIENTS, [changed])
    assert await store.one(PATIENTS, "P000902") == changed


async def test_nothing_undeclared_is_read(store: Store) -> None:
    """What another tool put beside the fields, and the database's own id, stay where they are."""
    await store.upsert(PATIENTS, [{**person("P000903"), "ssn": "000-00-0000", "_class": "x"}])

    for found in (
        await store.one(PATIENTS, "P000903"),
        *await store.many(PATIENTS, {"mrn": "P000903"}, PATIENTS.listed, 1),
        *[each async for each in store.each(PATIENTS, {"mrn": "P000903"}, PATIENTS.listed)],
    ):
        assert found == person("P000903")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
async def test_text_comes_back_as_it_was(store: Store, text: str) -> None:
    """Character for character: nothing is normalised, trimmed, escaped or taken for an operator."""
    name = {"first": text, "last": text}
    await store.upsert(PATIENTS, [person("P000904", name=name)])

    found = await store.one(PATIENTS, "P000904")
    assert found is not None
    assert found["name"] == name
    assert Patient.model_validate_json(body(found)).name.first == text


@pytest.mark.parametrize("text", INSTANTS)
async def test_an_instant_comes_back_in_utc(store: Store, text: str) -> None:
    """To the millisecond, whatever the offset it came with, and is told with Z."""
    message = {"role": "user", "content": "?", "timestamp": text}
    log = {**examples.CHAT_LOG, "started_at": text, "ended_at": text, "messages": [message], "retrieval_events": []}
    sent = ChatLog.model_validate(log)
    await store.upsert(CHAT_LOGS, [row(sent)])

    found = await store.one(CHAT_LOGS, sent.conversation_id)
    assert found is not None
    assert found["started_at"].tzinfo is None
    assert found["started_at"].replace(tzinfo=UTC) == sent.started_at
    assert found["messages"][0]["timestamp"] == found["ended_at"] == found["started_at"]
    assert same(found, row(sent))
    assert body(found["started_at"]).endswith(b'Z"')


@pytest.mark.parametrize("amount", ["0.00", "0.01", "0.10", "10.00", "9999999999.99"])
async def test_money_comes_back_to_the_cent(store: Store, amount: str) -> None:
    """Kept in cents and read as text with two places."""
    amounts = dict.fromkeys(("billed_amount", "allowed_amount", "patient_responsibility"), amount)
    await store.upsert(CLAIMS, [row(Claim.model_validate({**examples.CLAIM, **amounts}))])

    found = await store.one(CLAIMS, examples.CLAIM["claim_id"])
    assert found is not None
    assert {found[name] for name in amounts} == {amount}


async def test_a_missing_record_is_none(store: Store) -> None:
    """A key that nobody has, and one that means something to a database, find nothing and fail nothing."""
    for key in ("P999999", "", "$ne", "P000901\x00", "P%", ".*", "null"):
        assert await store.one(PATIENTS, key) is None
        assert not await store.has(PATIENTS, key)


async def test_what_is_removed_is_gone(store: Store) -> None:
    """Those under the keys and no others; keys of nobody do not matter."""
    await store.upsert(PATIENTS, [person("P000905"), person("P000906")])

    await store.remove(PATIENTS, ["P000905", "P999999"])

    assert [await store.has(PATIENTS, mrn) for mrn in ("P000905", "P000906")] == [False, True]


async def test_whose_records_they_are_is_found(store: Store) -> None:
    """Of any number of keys, in more than one question."""
    made = Encounter.model_validate(examples.ENCOUNTER)
    moment = made.start
    rows = []
    for number in range(5):
        visit = {"encounter_id": f"ENC-2020-01-01-{number:04}", "patient_mrn": f"P00091{number}"}
        times = {"start": moment + timedelta(days=number), "end": moment + timedelta(days=number)}
        rows.append(row(made.model_copy(update={**visit, **times})))
    await store.upsert(ENCOUNTERS, rows)

    keys = [each["encounter_id"] for each in rows] + [f"ENC-2021-01-01-{number:04}" for number in range(2500)]
    assert await store.owners(ENCOUNTERS, keys) == {f"P00091{number}" for number in range(5)}
    assert await store.owners(ENCOUNTERS, []) == set()


async def test_indexes_are_there_and_can_be_made_again(store: Store, request: pytest.FixtureRequest) -> None:
    """Unique keys and orders, as declared, field by field; on MongoDB with their names and directions as well."""
    await store.create_indexes()

    # NX-27017 keeps the fields in their order, but neither names nor directions.
    exact = EMBEDDED not in request.node.name
    for each in ALL:
        found = await store._database[each.name].index_information()
        declared = [((name, 1),) for name in (each.key, *each.unique)] + list(each.orders)
        keys = {tuple(tuple(pair) for pair in index["key"]) for index in found.values()}
        if exact:
            assert set(declared) <= keys
        fields = {tuple(name for name, _ in key) for key in keys}
        assert {tuple(name for name, _ in order) for order in declared} <= fields


async def test_dropping_leaves_nothing(store: Store) -> None:
    """Every collection is empty afterwards, and can be written again."""
    await store.drop()

    assert await store.is_empty()
    assert {await store.count(each, {}) for each in COLLECTIONS} == {0}
    await store.create_indexes()
    await store.upsert(PATIENTS, [person("P000907")])
    assert not await store.is_empty()


async def test_the_id_follows_from_the_key(store: Store) -> None:
    """Whoever writes a record, by whichever way, and again after a removal: its `_id` is the same, and is kept."""
    first, second = person("P000911"), person("P000912")
    mongo = store._database[PATIENTS.name]
    expected = {each["mrn"]: PATIENTS.identity(each["mrn"]) for each in (first, second)}

    for _ in range(2):
        await store.insert(PATIENTS, first)
        await store.upsert(PATIENTS, [{**first, "sex": "U"}, second])
        found = await mongo.find({"mrn": {"$in": [*expected]}}).to_list(None)
        assert {each["mrn"]: str(each["_id"]) for each in found} == expected
        assert {each["mrn"]: each["sex"] for each in found} == {"P000911": "U", "P000912": second["sex"]}
        await store.remove(PATIENTS, [*expected])


async def test_events_are_added_once_however_often_they_are_sent(store: Store) -> None:
    """A batch of which nobody knows whether it arrived is sent again; what another fault refuses is told."""
    events = [event(number, datetime(2026, 1, 1, tzinfo=UTC)) for number in range(9200, 9204)]
    names = [each["event_id"] for each in events]

    for some in (events[:2], events, events):
        await store.add(AUDIT_LOGS, some)

    found = [each async for each in store.each(AUDIT_LOGS, {"event_id": {"$in": names}}, AUDIT_LOGS.listed)]
    assert [each["event_id"] for each in found] == names
    await store.remove(AUDIT_LOGS, names)


async def test_a_mongodb_has_no_index_that_serves_nothing_there(store: Store) -> None:
    """What the embedded database needs besides would only slow a MongoDB's writes: it reads the compound ones."""
    found = await store._database[ENCOUNTERS.name].index_information()

    assert ("patient_mrn",) not in {tuple(field for field, _ in each["key"]) for each in found.values()}
