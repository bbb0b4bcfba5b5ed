"""Putting records into a store, over the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_db_api import seed
from service_db_api.loading.load import load_batches
from service_db_api.personas import personas
from service_db_api.store.opening import opened
from service_db_api.store.schema import COLLECTIONS, PATIENTS
from service_db_api.synthetic.generator import Recipe, batches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.settings import Settings
    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row
    from tests.unit.service_db_api.served import Served

COUNTS = {
    "providers": 6,
    "patients": 8,
    "encounters": 14,
    "claims": 14,
    "documents": 21,
    "chat_logs": 0,
    "audit_logs": 0,
}


@pytest.fixture
async def store(database: Settings) -> AsyncIterator[Store]:
    """Yield the store of an empty database."""
    async with opened(database) as found:
        yield found


async def held(store: Store) -> dict[str, list[Row]]:
    """Return all records by collection, in the order of their keys."""
    return {each.name: [row async for row in store.each(each, {}, ((each.key, 1),))] for each in COLLECTIONS}


@pytest.mark.anyio
async def test_a_second_load_changes_nothing(store: Store) -> None:
    """The records and their number are the same afterwards."""
    first = await load_batches(store, batches(Recipe(patients=4)), lambda _: None)
    before = await held(store)
    second = await load_batches(store, batches(Recipe(patients=4)), lambda _: None)

    assert first == second == {name: len(rows) for name, rows in before.items()}
    assert await held(store) == before


@pytest.mark.anyio
async def test_more_patients_leave_those_there_were(store: Store) -> None:
    """A larger set adds to a smaller one."""
    await load_batches(store, batches(Recipe(patients=3)), lambda _: None)
    before = await held(store)
    await load_batches(store, batches(Recipe(patients=5)), lambda _: None)

    after = await held(store)
    for name, rows in before.items():
        assert all(each in after[name] for each in rows)
    assert len(after["patients"]) == 13


@pytest.mark.anyio
async def test_progress_is_told_by_the_batch(store: Store) -> None:
    """Whoever waits hears of the personas first and of all in the end."""
    told: list[int] = []
    await load_batches(store, batches(Recipe(patients=4)), told.append)

    assert told == [8, 12]


@pytest.mark.anyio
async def test_what_has_the_same_key_is_replaced(served: Served) -> None:
    """Loading mends a changed record and makes no second one."""
    changed = {**(await served.store.patient("P000101") or {}), "risk_score": 0.99}
    await served.store.upsert(PATIENTS, [changed])

    counts = await seed.load(served.store, personas())

    mended = await served.store.patient("P000101") or {}
    assert counts == COUNTS
    assert mended["risk_score"] == 0.46
    assert await served.store.count(PATIENTS, {}) == 8
