"""The store over MongoDB. The only module that imports Motor."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from service_db_api.errors import DatabaseUnavailable
from service_db_api.store.faults import told
from service_db_api.store.pool import Pool
from service_db_api.store.writes import Writes
from service_kit.environment import Misconfigured
from service_kit.problem import Problem

if TYPE_CHECKING:
    from service_db_api.store.row import Row

CONNECT_MS = 2000
# An answer is worth waiting for this long; building an index or loading much takes longer.
ANSWER_MS, WORK_MS = 5000, 600_000
WAIT_QUEUE_MS = 1000


class Store(Writes):
    """
    The records in one database of the server at URI.

    Making one connects to nothing; the first question does, and each question
    finds the server anew when it was lost. What is opened for work rather than
    for answers waits longer for each step of it. Raises Misconfigured for an address
    that cannot be read. Every method raises DatabaseUnavailable when the server
    does not answer, and a bare Problem for any other fault of the driver's.
    """

    def __init__(
        self,
        uri: str,
        database: str,
        *,
        server_selection_timeout_ms: int,
        max_pool_size: int,
        socket_timeout_ms: int = ANSWER_MS,
        for_work: bool = False,
        embedded: bool = False,
    ) -> None:
        self.pool = Pool()
        try:
            self._client: AsyncIOMotorClient[Row] = AsyncIOMotorClient(
                uri,
                appname="carepath-db-api",
                connectTimeoutMS=CONNECT_MS,
                event_listeners=[self.pool],
                maxPoolSize=max_pool_size,
                serverSelectionTimeoutMS=server_selection_timeout_ms,
                # A second attempt of the driver's own would take as long again, whatever the address says.
                retryReads=for_work,
                retryWrites=for_work,
                socketTimeoutMS=WORK_MS if for_work else socket_timeout_ms,
                waitQueueTimeoutMS=WAIT_QUEUE_MS,
            )
        except (PyMongoError, ValueError) as error:
            hint = "A user name or password in it must be percent-encoded."
            message = f"MONGODB_URI cannot be read as an address of MongoDB ({type(error).__name__}). {hint}"
            raise Misconfigured(message) from None
        super().__init__(self._client[database], embedded=embedded)

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
            with told():
                await asyncio.wait_for(self._client.admin.command("ping"), timeout)
        except Problem:
            raise DatabaseUnavailable from None
        return (time.perf_counter() - started) * 1000
