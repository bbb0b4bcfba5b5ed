"""What the store promises of lists, over the wire; see test_store_records for the servers it is tried on."""

from __future__ import annotations

import asyncio
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest

from service_db_api.errors import DatabaseUnavailable
from service_db_api.store.page import page
from service_db_api.store.schema import (
    AUDIT_LOGS,
    CHAT_LOGS,
    CLAIMS,
    COLLECTIONS,
    DOCUMENTS,
    DOWN,
    ENCOUNTERS,
    PATIENTS,
    UP,
    Collection,
)
from tests.integration.services.databases import DATABASES, anyio_backend, opened, store
from tests.integration.services.process import nobody
from tests.unit.service_db_api.records import records, rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

__all__ = ["anyio_backend", "store"]

pytestmark = pytest.mark.anyio

MRNS = ("P000921", "P000922", "P000923")
EACH = 20
SOON_MS = 100
# Seconds: half of what the driver would wait by itself.
LIMIT = 15
BY_NAME = {each.name: each for each in COLLECTIONS}
LISTED = [ENCOUNTERS, CLAIMS, DOCUMENTS, CHAT_LOGS, AUDIT_LOGS]
everywhere = pytest.mark.parametrize("store", DATABASES, indirect=True)
each_list = pytest.mark.parametrize("collection", [PATIENTS, *LISTED], ids=lambda collection: collection.name)


@pytest.fixture(scope="module")
async def filled(store: Store) -> Store:
    """Return the store with three patients and twenty records of each kind for each, of which some share a moment."""
    for mrn in MRNS:
        for name, found in rows(records(mrn, EACH)).items():
            await store.upsert(BY_NAME[name], found)
    return store


def value(row: Row, field: str) -> Any:
    """Return what ROW has at FIELD, which may lead into an object."""
    found: Any = row
    for name in field.split("."):
        found = found[name]
    return found


def in_order(collection: Collection, found: list[Row]) -> list[Row]:
    """Return FOUND in the order that COLLECTION declares, by Python's own sort."""
    for field, direction in reversed(collection.listed):
        found = sorted(found, key=lambda row, field=field: value(row, field), reverse=direction == DOWN)  # type: ignore[misc]
    return found


async def walked(store: Store, collection: Collection, where: Mapping[str, Any], limit: int) -> list[Row]:
    """Return all that the pages of LIMIT hold, by their places."""
    found = await page(store, collection, where, limit=limit)
    walk = list(found.rows)
    while found.last is not None:
        assert len(found.rows) == limit
        found = await page(store, collection, where, limit=limit, after=found.last)
        walk += found.rows
    return walk


@everywhere
@each_list
async def test_a_list_is_in_its_order(filled: Store, collection: Collection) -> None:
    """By the declared fields, and by the key where they agree, so that no two records share a place."""
    found = await filled.many(collection, {}, collection.listed, 1000)

    assert len(found) == (len(MRNS) if collection is PATIENTS else len(MRNS) * EACH)
    assert found == in_order(collection, found)
    assert len({each[collection.key] for each in found}) == len(found)


@everywhere
@each_list
@pytest.mark.parametrize("limit", [7, *(pytest.param(limit, marks=pytest.mark.slow) for limit in (1, 2, 100))])
async def test_pages_hold_everything_once(filled: Store, collection: Collection, limit: int) -> None:
    """By places and by numbers of records to pass over alike, with the true total on each page."""
    whole = await filled.many(collection, {}, collection.listed, 1000)

    assert await walked(filled, collection, {}, limit) == whole
    by_number: list[Row] = []
    while len(by_number) < len(whole):
        found = await page(filled, collection, {}, limit=limit, skip=len(by_number))
        assert found.total == len(whole)
        by_number += found.rows
    assert by_number == whole


@everywhere
@pytest.mark.parametrize("collection", LISTED, ids=lambda collection: collection.name)
async def test_pages_of_one_patient(filled: Store, collection: Collection) -> None:
    """A filter holds on every page, and so does the total."""
    where = {"patient_mrn": MRNS[1]}

    found = await walked(filled, collection, where, 3)

    assert len(found) == EACH
    assert {each["patient_mrn"] for each in found} == {MRNS[1]}
    assert found == in_order(collection, found)
    assert (await page(filled, collection, where, limit=3)).total == EACH


@everywhere
async def test_pages_with_two_filters(filled: Store) -> None:
    """Care plans and visit notes of one patient are all there are of one patient."""
    kinds = ("care_plan", "visit_note")
    found = [
        await walked(filled, DOCUMENTS, {"patient_mrn": MRNS[0], "source_type": kind}, 4) for kind in (*kinds, "none")
    ]

    assert [len(each) for each in found] == [1, EACH - 1, 0]


@everywhere
@pytest.mark.parametrize("collection", LISTED, ids=lambda collection: collection.name)
async def test_a_place_holds_while_records_come_and_go(store: Store, collection: Collection) -> None:
    """Between two pages one before is removed and another is added: nothing that stayed is repeated or skipped."""
    theirs = rows(records("P000929", 12))[collection.name]
    await store.upsert(collection, theirs[:-1])
    where = {"patient_mrn": "P000929"}
    whole = await store.many(collection, where, collection.listed, 100)

    first = await page(store, collection, where, limit=5)
    await store.remove(collection, [whole[0][collection.key], whole[4][collection.key]])
    await store.upsert(collection, theirs[-1:])
    rest = await page(store, collection, where, limit=100, after=first.last)

    newer = in_order(collection, theirs)[0] == theirs[-1]
    expected = whole[5:] if newer else in_order(collection, [*whole[5:], theirs[-1]])
    assert list(map(itemgetter(collection.key), rest.rows)) == list(map(itemgetter(collection.key), expected))
    await store.remove(collection, [each[collection.key] for each in theirs])


@everywhere
async def test_a_list_backwards(filled: Store) -> None:
    """Any order may be asked for, not only the one that lists have."""
    keys = [each["mrn"] for each in await filled.many(PATIENTS, {}, (("mrn", DOWN),), 10)]

    assert keys == sorted(keys, reverse=True)
    assert keys[::-1] == [each["mrn"] async for each in filled.each(PATIENTS, {}, (("mrn", UP),))]


async def test_server_that_is_not_there_is_unavailable() -> None:
    """Whatever is asked of it, after the time that was set and not after the driver's own."""
    with nobody() as address:
        lost = opened(f"mongodb://{address}", timeout_ms=SOON_MS)
        await assert_unavailable(lost)
        lost.close()


async def assert_unavailable(lost: Store) -> None:
    asked: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: lost.one(PATIENTS, MRNS[0]),
        lambda: lost.many(PATIENTS, {}, PATIENTS.listed, 1),
        lambda: lost.count(PATIENTS, {"mrn": MRNS[0]}),
        lambda: lost.insert(PATIENTS, {"mrn": MRNS[0]}),
        lambda: lost.upsert(PATIENTS, [{"mrn": MRNS[0]}]),
        lambda: lost.remove(PATIENTS, [MRNS[0]]),
        lost.create_indexes,
        lambda: lost.ping(SOON_MS / 2000),
    )
    for question in asked:
        with pytest.raises(DatabaseUnavailable):
            async with asyncio.timeout(LIMIT):
                await question()
