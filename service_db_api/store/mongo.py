"""The store over MongoDB. The only module that imports a driver."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import structlog
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import IndexModel, ReplaceOne
from pymongo.errors import ConfigurationError, ConnectionFailure, PyMongoError

from service_db_api.errors import DatabaseUnavailable
from service_db_api.store.schema import (
    CLAIMS,
    COLLECTIONS,
    DOCUMENTS,
    DOWN,
    ENCOUNTERS,
    PATIENTS,
    UP,
    Collection,
    Order,
)
from service_kit.environment import Misconfigured
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from service_db_api.store.row import Row

CONNECT_MS = 2000
SOCKET_MS = 10_000
WAIT_QUEUE_MS = 1000
RECENT = 10
MAX_DOCUMENTS = 20
BATCH = 1000


class Store:
    """
    The records in one database of the server at URI.

    Making one connects to nothing; the first question does, and each question
    finds the server anew when it was lost. Raises Misconfigured for an address
    that cannot be read. Every method raises DatabaseUnavailable when the server
    does not answer, and a bare Problem for any other fault of the driver's.
    """

    def __init__(self, uri: str, database: str, *, server_selection_timeout_ms: int, max_pool_size: int) -> None:
        try:
            self._client: AsyncIOMotorClient[Row] = AsyncIOMotorClient(
                uri,
                appname="carepath-db-api",
                connectTimeoutMS=CONNECT_MS,
                maxPoolSize=max_pool_size,
                serverSelectionTimeoutMS=server_selection_timeout_ms,
                socketTimeoutMS=SOCKET_MS,
                tz_aware=True,
                waitQueueTimeoutMS=WAIT_QUEUE_MS,
            )
        except (PyMongoError, ValueError) as error:
            hint = "A user name or password in it must be percent-encoded."
            message = f"MONGODB_URI cannot be read as an address of MongoDB ({type(error).__name__}). {hint}"
            raise Misconfigured(message) from None
        self._database = self._client[database]

    def close(self) -> None:
        """Close the connections; no question is answered afterwards."""
        self._client.close()

    async def ping(self, timeout: float) -> float:
        """
        Return how many milliseconds the server took to answer; TIMEOUT, in seconds, caps it.

        A server that refuses us is as good as none, so every fault is a DatabaseUnavailable here.
        """
        started = time.perf_counter()
        try:
            with _told():
                await asyncio.wait_for(self._client.admin.command("ping"), timeout)
        except Problem:
            raise DatabaseUnavailable from None
        return (time.perf_counter() - started) * 1000

    async def patients(self, skip: int, limit: int) -> tuple[list[Row], int]:
        """Return up to LIMIT patients by MRN after the first SKIP, and how many there are."""
        with _told():
            rows, total = await asyncio.gather(
                self._find(PATIENTS, {}, (("mrn", UP),), limit, skip),
                self._database[PATIENTS.name].estimated_document_count(),
            )
        return rows, total

    async def patient(self, mrn: str) -> Row | None:
        """Return the patient, or None when nobody has this MRN."""
        with _told():
            rows = await self._find(PATIENTS, {"mrn": mrn}, (), 1)
        return rows[0] if rows else None

    async def summary(self, mrn: str) -> Row | None:
        """
        Return the patient with what is recent, newest first, or None when nobody has this MRN.

        Care plans keep their place when there are more documents than fit.
        """
        theirs = {"patient_mrn": mrn}
        newest = (("metadata.created_at", DOWN), ("doc_id", UP))
        others = {**theirs, "source_type": {"$ne": "care_plan"}}
        with _told():
            patients, encounters, claims, plans, rest = await asyncio.gather(
                self._find(PATIENTS, {"mrn": mrn}, (), 1),
                self._find(ENCOUNTERS, theirs, (("start", DOWN), ("encounter_id", UP)), RECENT),
                self._find(CLAIMS, theirs, (("service_date", DOWN), ("claim_id", UP)), RECENT),
                self._find(DOCUMENTS, {**theirs, "source_type": "care_plan"}, newest, MAX_DOCUMENTS),
                self._find(DOCUMENTS, others, newest, MAX_DOCUMENTS),
            )
            if not patients:
                return None
            # A list that is not full has been counted by reading it.
            counts = await asyncio.gather(
                self._count(ENCOUNTERS, theirs, len(encounters), RECENT),
                self._count(CLAIMS, theirs, len(claims), RECENT),
                self._count(DOCUMENTS, theirs, len(plans) + len(rest), MAX_DOCUMENTS),
            )
        documents = sorted([*plans, *rest][:MAX_DOCUMENTS], key=lambda each: str(each["doc_id"]))
        documents.sort(key=lambda each: each["metadata"]["created_at"], reverse=True)
        names = ("encounter_count", "claim_count", "document_count")
        return {
            "patient": patients[0],
            "recent_encounters": encounters,
            "recent_claims": claims,
            "documents": documents,
            "summary_metadata": {"mrn": mrn, **dict(zip(names, counts, strict=True))},
        }

    async def is_empty(self) -> bool:
        """Return whether there is no patient at all."""
        with _told():
            return await self._database[PATIENTS.name].find_one({}, {"_id": 1}) is None

    async def create_indexes(self) -> None:
        """Create every declared index; one that exists stays as it is."""
        with _told():
            for each in COLLECTIONS:
                models = [IndexModel([(name, UP)], name=name, unique=True) for name in (each.key, *each.unique)]
                models += [IndexModel(list(order), name="_".join(field for field, _ in order)) for order in each.orders]
                await self._database[each.name].create_indexes(models)

    async def upsert(self, collection: Collection, rows: Sequence[Row]) -> int:
        """Write ROWS over those of the same natural key and return how many were written."""
        with _told():
            for first in range(0, len(rows), BATCH):
                writes = [
                    ReplaceOne({collection.key: each[collection.key]}, each, upsert=True)
                    for each in rows[first : first + BATCH]
                ]
                await self._database[collection.name].bulk_write(writes, ordered=False)
        return len(rows)

    async def _find(
        self, collection: Collection, where: dict[str, Any], order: Order, limit: int, skip: int = 0
    ) -> list[Row]:
        cursor = self._database[collection.name].find(where, collection.projection, skip=skip, limit=limit)
        if order:
            cursor = cursor.sort(list(order))
        return await cursor.to_list(limit)

    async def _count(self, collection: Collection, where: dict[str, Any], seen: int, limit: int) -> int:
        return seen if seen < limit else await self._database[collection.name].count_documents(where)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn the driver's errors inside the block into ours; their text names hosts and may quote records."""
    try:
        yield
    except (ConnectionFailure, ConfigurationError, TimeoutError) as error:
        structlog.get_logger().warning("database_unavailable", error=type(error).__name__)
        raise DatabaseUnavailable from None
    except PyMongoError as error:
        unavailable = error.timeout
        structlog.get_logger().error(
            "database_fault", error=type(error).__name__, code=getattr(error, "code", None), timeout=unavailable
        )
        raise DatabaseUnavailable if unavailable else Problem from None
