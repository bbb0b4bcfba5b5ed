"""What the store promises of summaries, over the wire; see test_store_records for the servers it is tried on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from service_db_api.loading.load import load
from service_db_api.personas import personas
from service_db_api.store import summaries, writing
from service_db_api.store.assembly import WHOLE, Limits
from service_db_api.store.row import body, etag
from service_db_api.store.schema import CLAIMS, DOCUMENTS, ENCOUNTERS, PATIENTS, SUMMARIES
from tests.integration.services.databases import DATABASES, anyio_backend, store
from tests.unit.service_db_api.records import records, rows

if TYPE_CHECKING:
    from service_db_api.store.mongo import Store

__all__ = ["anyio_backend", "store"]

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("store", DATABASES, indirect=True)]

BUSY = "P000931"
LIMITS = [WHOLE, Limits(0, 0, 0), Limits(1, 1, 1), Limits(10, 0, 3), Limits(0, 10, 20)]


@pytest.fixture(scope="module")
async def loaded(store: Store) -> Store:
    """Return the store with the personas and one patient who has more than a summary lists."""
    await load(store, personas())
    await writing.write(store, rows(records(BUSY, 30)))
    return store


async def agree(store: Store, mrn: str, limits: Limits = WHOLE) -> bytes:
    """Return the kept summary of MRN; it is the computed one, byte for byte, and so is its entity tag."""
    kept = await summaries.summary(store, mrn, limits)
    made = await summaries.computed(store, mrn, limits)
    assert kept is not None
    assert made is not None
    assert kept.body == body(made)
    assert kept.etag == etag(kept.body)
    return kept.body


@pytest.mark.parametrize(
    "limits", [*LIMITS[:2], *(pytest.param(some, marks=pytest.mark.slow) for some in LIMITS[2:])], ids=str
)
async def test_kept_is_computed(loaded: Store, limits: Limits) -> None:
    """For everybody, within any limits."""
    mrns = [each["mrn"] async for each in loaded.each(PATIENTS, {}, PATIENTS.listed)]

    assert len(mrns) == 9
    assert await loaded.count(SUMMARIES, {}) == len(mrns)
    for mrn in mrns:
        await agree(loaded, mrn, limits)


async def test_nobody_has_no_summary(loaded: Store) -> None:
    """Neither kept nor computed."""
    assert await summaries.summary(loaded, "P999999") is None


async def test_writing_again_keeps_it(loaded: Store) -> None:
    """The same records once more end in the same summary."""
    before = await agree(loaded, BUSY)

    await writing.write(loaded, rows(records(BUSY, 30)))

    assert await agree(loaded, BUSY) == before


@pytest.mark.parametrize("collection", [PATIENTS, ENCOUNTERS, CLAIMS, DOCUMENTS], ids=lambda each: each.name)
async def test_a_change_shows(loaded: Store, collection: object) -> None:
    """A record of any kind that changes changes the summary with it, and back."""
    before = await agree(loaded, BUSY)
    changes = {
        PATIENTS: {"sex": "X"},
        ENCOUNTERS: {"location": "Elsewhere"},
        CLAIMS: {"status": "paid"},
        DOCUMENTS: {"title": "Another"},
    }
    found = next((kind, change) for kind, change in changes.items() if kind is collection)
    kind, change = found
    row = rows(records(BUSY, 30))[kind.name][-1]

    await writing.write(loaded, {kind.name: [{**row, **change}]})
    assert await agree(loaded, BUSY) != before

    await writing.write(loaded, {kind.name: [row]})
    assert await agree(loaded, BUSY) == before


async def test_without_a_kept_one_it_is_computed(loaded: Store) -> None:
    """What another tool wrote has no kept summary, and one of an earlier form counts as none."""
    before = await agree(loaded, BUSY)
    (kept,) = await loaded.many(SUMMARIES, {"mrn": BUSY}, SUMMARIES.listed, 1)
    await loaded.upsert(SUMMARIES, [{**kept, "form": 0, "body": "{}", "etag": '"0"'}])
    assert await agree(loaded, BUSY) == before

    await loaded.remove(SUMMARIES, [BUSY])
    assert await agree(loaded, BUSY) == before
    await summaries.keep(loaded, [BUSY])
    assert await loaded.has(SUMMARIES, BUSY)


async def test_a_reader_beside_a_writer_sees_one_of_both(loaded: Store) -> None:
    """While a title changes back and forth, a summary has the old one or the new one, and is right at the end."""
    row = rows(records(BUSY, 30))[DOCUMENTS.name][-1]
    titles = ("First", "Second")
    allowed = set()
    for title in titles:
        await writing.write(loaded, {DOCUMENTS.name: [{**row, "title": title}]})
        allowed.add(await agree(loaded, BUSY))
    assert len(allowed) == 2
    seen = set()
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            found = await summaries.summary(loaded, BUSY)
            assert found is not None
            seen.add(found.body)

    reading = asyncio.create_task(read())
    for number in range(10):
        await writing.write(loaded, {DOCUMENTS.name: [{**row, "title": titles[number % 2]}]})
    done.set()
    await reading

    assert seen <= allowed
    await agree(loaded, BUSY)
    await writing.write(loaded, {DOCUMENTS.name: [row]})
