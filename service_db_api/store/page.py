"""Lists of records, a page at a time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service_db_api.store import keyset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row
    from service_db_api.store.schema import Collection

# As many records as are expected to share the moment of a place.
SHARED = 3


@dataclass(frozen=True)
class Found:
    """A page: its rows, how many records there are in all, and the place of its last row when more follow."""

    rows: list[Row]
    total: int
    last: str | None


async def page(
    store: Store,
    collection: Collection,
    where: Mapping[str, Any],
    *,
    limit: int,
    skip: int = 0,
    after: str | None = None,
) -> Found:
    """
    Return up to LIMIT records of COLLECTION that fit WHERE, in the order of its lists.

    They are those after the first SKIP, or those after the place AFTER; raises
    NoPlace when that is none.
    """
    # One row more tells whether there is a next page.
    if after is None:
        reading = store.many(collection, where, collection.listed, limit + 1, skip)
    else:
        reading = _beyond(store, collection, where, limit + 1, keyset.read(collection.listed, after))
    if where:
        rows = await reading
        whole = after is None and len(rows) <= limit and (rows or not skip)
        total = skip + len(rows) if whole else await store.count(collection, where)
    else:
        rows, total = await asyncio.gather(reading, store.count(collection, where))
    if len(rows) <= limit:
        return Found(rows, total, None)
    del rows[limit:]
    return Found(rows, total, keyset.place(collection.listed, rows[-1]))


async def _beyond(
    store: Store, collection: Collection, where: Mapping[str, Any], limit: int, values: keyset.Place
) -> list[Row]:
    """Return up to LIMIT records that fit WHERE and come after VALUES."""
    order = collection.listed
    asked = keyset.after(order, where, values)
    found: list[Row] = []
    passed = 0
    while True:
        some = await store.many(collection, asked, order, limit + SHARED, passed)
        found += [each for each in some if keyset.beyond(order, each, values)]
        passed += len(some)
        if len(found) >= limit or len(some) < limit + SHARED:
            return found[:limit]
