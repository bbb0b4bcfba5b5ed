"""Changes to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from bson import ObjectId
from pymongo import IndexModel, ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from service_db_api.store.faults import DUPLICATE, told
from service_db_api.store.reads import BATCH, Reads
from service_db_api.store.row import same
from service_db_api.store.schema import ALL, UP, Collection
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_db_api.store.row import Row

REPLACED = 20


class Writes(Reads):
    """What can be changed in the database; each method is one record or one batch, and may be repeated."""

    async def create_indexes(self) -> dict[str, int]:
        """Create every declared index and return collection -> indexes; one that exists stays as it is."""
        found: dict[str, int] = {}
        with told():
            for each in ALL:
                models = [IndexModel([(name, UP)], name=name, unique=True) for name in (each.key, *each.unique)]
                models += [IndexModel(list(order), name="_".join(field for field, _ in order)) for order in each.orders]
                models += [IndexModel([(name, UP)], name=name) for name in each.alone if self._embedded]
                await self._collections[each].create_indexes(models)
                found[each.name] = len(models)
        return found

    async def insert(self, collection: Collection, row: Row) -> bool:
        """Write ROW unless its natural key is taken, and return whether it was free."""
        with told():
            try:
                await self._collections[collection].insert_one(_identified(collection, row))
            except DuplicateKeyError:
                return False
        return True

    async def insert_new(self, collection: Collection, rows: Sequence[Row]) -> list[Row]:
        """Write those of ROWS whose unique keys are free, and return the others."""
        if not rows:
            return []
        with told():
            try:
                await self._collections[collection].insert_many(
                    [_identified(collection, each) for each in rows], ordered=False
                )
            except BulkWriteError as error:
                refused = error.details["writeErrors"]
                if any(each["code"] != DUPLICATE for each in refused):
                    raise
                return [rows[each["index"]] for each in refused]
        return []

    async def add(self, collection: Collection, rows: Sequence[Row]) -> None:
        """
        Write those of ROWS whose unique keys are free; the others are there already.

        As a command, for the driver's own `insert_many` looks at each row three times, at twice the cost. It does not
        try again by itself: whoever calls may, as often as need be.
        """
        documents = [_identified(collection, each) for each in rows]
        command = {"insert": collection.name, "documents": documents, "ordered": False, **self._write_concern}
        with told():
            reply = await self._database.command(command)
        refused = [each["code"] for each in reply.get("writeErrors", ()) if each["code"] != DUPLICATE]
        if refused or "writeConcernError" in reply:
            structlog.get_logger().error("database_fault", error="WriteError", code=refused[0] if refused else None)
            raise Problem

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


def _identified(collection: Collection, row: Row) -> Row:
    """Return ROW with its `_id`, which follows from its natural key; one that is replaced keeps what it has."""
    return {"_id": ObjectId(collection.identity(row[collection.key])), **row}
