"""Questions to the database."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo.errors import AutoReconnect, NetworkTimeout, ServerSelectionTimeoutError, WaitQueueTimeoutError

from service_db_api.store.faults import told
from service_db_api.store.row import priced
from service_db_api.store.schema import ALL, PATIENTS, Collection, Order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from service_db_api.store.row import Row

T = TypeVar("T")
# In seconds: what breaks off later has used up the time there is for an answer.
SOON = 1.0
# The server gives up a question before the socket does, so that a slow one does not cost the connection too.
QUESTION_MS = 4000
SCAN_MS = 60_000
BATCH = 1000


class Reads:
    """
    What can be asked of DATABASE, the driver's own, which the EMBEDDED one serves or a MongoDB.

    Rows that are read hold a collection's own fields only, instants without an
    offset, in UTC, and money as text.
    """

    def __init__(self, database: Any, *, embedded: bool = False) -> None:
        self._database = database
        self._embedded = embedded
        self._collections = {each: database[each.name] for each in ALL}
        concern = database.read_concern.document
        self._concern = {"readConcern": concern} if concern else {}
        concern = database.write_concern.document
        self._write_concern = {"writeConcern": concern} if concern else {}

    async def one(self, collection: Collection, key: str) -> Row | None:
        """Return the record of COLLECTION under KEY, or None."""
        found = await self._first(collection, key, collection.projection)
        if found is not None and collection.money:
            priced(collection, (found,))
        return found

    async def patient(self, mrn: str) -> Row | None:
        """Return the patient, or None when nobody has this MRN."""
        return await self.one(PATIENTS, mrn)

    async def has(self, collection: Collection, key: str) -> bool:
        """Return whether COLLECTION has a record under KEY."""
        return await self._first(collection, key, {"_id": 0, collection.key: 1}) is not None

    async def _first(self, collection: Collection, key: str, projection: Mapping[str, int]) -> Row | None:
        """
        Return what PROJECTION shows of the record under KEY.

        As a command, for the driver's own `find_one` makes a cursor first, which is a sixth of what reading one
        record costs.
        """
        command = {
            "find": collection.name,
            "filter": {collection.key: key},
            "projection": projection,
            "limit": 1,
            "singleBatch": True,
            "maxTimeMS": QUESTION_MS,
            **self._concern,
        }
        reply = await _asked(
            lambda: self._database.command(command, read_preference=self._database.read_preference),
        )
        rows: list[Row] = reply["cursor"]["firstBatch"]
        return rows[0] if rows else None

    async def many(
        self, collection: Collection, where: Mapping[str, Any], order: Order, limit: int, skip: int = 0
    ) -> list[Row]:
        """Return up to LIMIT records that fit WHERE, in ORDER, after the first SKIP."""
        mongo = self._collections[collection]
        asked = {"sort": list(order), "skip": skip, "limit": limit, "max_time_ms": QUESTION_MS}
        rows: list[Row] = await _asked(lambda: mongo.find(where, collection.projection, **asked).to_list(limit))
        if collection.money:
            priced(collection, rows)
        return rows

    async def each(self, collection: Collection, where: Mapping[str, Any], order: Order) -> AsyncIterator[Row]:
        """Yield all that fit WHERE, in ORDER; for whoever writes, not for answers."""
        with told():
            cursor = self._collections[collection].find(
                where, collection.projection, sort=list(order), batch_size=BATCH, max_time_ms=SCAN_MS
            )
            async for found in cursor:
                if collection.money:
                    priced(collection, (found,))
                yield found

    async def owners(self, collection: Collection, keys: Sequence[str]) -> set[str]:
        """Return the MRNs of those whose records COLLECTION has under KEYS."""
        found: set[str] = set()
        with told():
            for first in range(0, len(keys), BATCH):
                where = {collection.key: {"$in": list(keys[first : first + BATCH])}}
                cursor = self._collections[collection].find(where, {"_id": 0, "patient_mrn": 1}, limit=BATCH)
                found |= {each["patient_mrn"] for each in await cursor.to_list(BATCH)}
        return found

    async def count(self, collection: Collection, where: Mapping[str, Any]) -> int:
        """Return how many records fit WHERE; of a whole collection, what the server keeps count of."""
        mongo = self._collections[collection]
        if where:
            return int(await _asked(lambda: mongo.count_documents(where, maxTimeMS=QUESTION_MS)))
        return int(await _asked(lambda: mongo.estimated_document_count(maxTimeMS=QUESTION_MS)))

    async def is_empty(self) -> bool:
        """Return whether there is no patient at all."""
        return await _asked(lambda: self._collections[PATIENTS].find_one({}, {"_id": 1})) is None


async def _asked(question: Callable[[], Awaitable[T]]) -> T:
    """
    Return the answer to QUESTION, which is put once more when its connection breaks soon.

    The driver itself would ask a silent server twice, and twice wait for all that a socket may take.
    """
    started = time.monotonic()
    with told():
        try:
            return await question()
        except AutoReconnect as error:
            waited = isinstance(error, (NetworkTimeout, ServerSelectionTimeoutError, WaitQueueTimeoutError))
            if waited or time.monotonic() - started > SOON:
                raise
            return await question()
