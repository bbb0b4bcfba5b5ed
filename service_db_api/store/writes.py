"""Changes to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pymongo import IndexModel, ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from service_db_api.store.faults import DUPLICATE, told
from service_db_api.store.reads import BATCH, Reads
from service_db_api.store.row import same
from service_db_api.store.schema import ALL, UP, Collection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_db_api.store.row import Row

REPLACED = 20


class Writes(Reads):
    """What can be changed in the database; each method is one record or one batch, and may be repeated."""

    async def create_indexes(self) -> None:
        """Create every declared index; one that exists stays as it is."""
        with told():
            for each in ALL:
                models = [IndexModel([(name, UP)], name=name, unique=True) for name in (each.key, *each.unique)]
                models += [IndexModel(list(order), name="_".join(field for field, _ in order)) for order in each.orders]
                await self._collections[each].create_indexes(models)

    async def insert(self, collection: Collection, row: Row) -> bool:
        """Write ROW unless its natural key is taken, and return whether it was free."""
        with told():
            try:
                # A copy, for the driver puts its own id into what it is given.
                await self._collections[collection].insert_one({**row})
            except DuplicateKeyError:
                return False
        return True

    async def insert_new(self, collection: Collection, rows: Sequence[Row]) -> list[Row]:
        """Write those of ROWS whose unique keys are free, and return the others."""
        if not rows:
            return []
        with told():
            try:
                await self._collections[collection].insert_many([{**each} for each in rows], ordered=False)
            except BulkWriteError as error:
                refused = error.details["writeErrors"]
                if any(each["code"] != DUPLICATE for each in refused):
                    raise
                return [rows[each["index"]] for each in refused]
        return []

    async def upsert(self, collection: Collection, rows: Sequence[Row]) -> int:
        """
        Write ROWS over those of the same natural key and return how many were written.

        Whoever writes records of patients does so through store.writing, which keeps the summaries true.
        """
        for first in range(0, len(rows), BATCH):
            await self._upsert(collection, rows[first : first + BATCH])
        return len(rows)

    async def _upsert(self, collection: Collection, rows: Sequence[Row]) -> None:
        # Most of what is loaded is new or as it was. To find that out costs one question, and to replace a record
        # costs the embedded database a search through all of them.
        mongo, key = self._collections[collection], collection.key
        where = {key: {"$in": [each[key] for each in rows]}}
        with told():
            there = {each[key]: each for each in await mongo.find(where, {"_id": 0}, limit=BATCH).to_list(BATCH)}
            taken = await self.insert_new(collection, [each for each in rows if each[key] not in there])
            changed = [each for each in rows if each[key] in there and not same(there[each[key]], each)] + taken
            for first in range(0, len(changed), REPLACED):
                some = [ReplaceOne({key: each[key]}, each, upsert=True) for each in changed[first : first + REPLACED]]
                await mongo.bulk_write(some, ordered=False)

    async def remove(self, collection: Collection, keys: Sequence[str]) -> None:
        """Remove the records of COLLECTION under KEYS; those that are not there do not matter."""
        with told():
            for first in range(0, len(keys), BATCH):
                some = list(keys[first : first + BATCH])
                await self._collections[collection].delete_many({collection.key: {"$in": some}})

    async def drop(self) -> None:
        """Remove every collection with all that is in it."""
        with told():
            for each in ALL:
                await self._collections[each].drop()
