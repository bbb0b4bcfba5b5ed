"""A database that is killed and started again, under a real db-api."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from service_db_api.audit import AuditWriter
from service_db_api.store.schema import AUDIT_LOGS
from tests.integration.services.asking import asking, until
from tests.integration.services.databases import opened
from tests.integration.services.filled import PATHS, count, uri, with_personas
from tests.integration.services.process import client, db_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.services.database import Database

CLIENTS = 4
# Questions that are asked before the kill, and by each client after the return.
ENOUGH = 60
SELECTION_MS = 300
# Seconds in which the service promises to be back after its database is.
BACK = 5.0


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Database]:
    """Yield a database that a test may kill."""
    with with_personas(tmp_path) as found:
        yield found


@pytest.mark.slow
def test_database_that_is_killed_costs_503_until_it_is_back(filled: Database, tmp_path: Path) -> None:
    """Under load: only 503 while it is away, only 200 once it has been found again, and every read in the audit."""
    settings = {"MONGODB_URI": uri(filled.port), "MONGO_SERVER_SELECTION_TIMEOUT_MS": str(SELECTION_MS)}
    with db_api(tmp_path, **settings) as running, client(running.address) as connection:
        with asking(running.address, PATHS, CLIENTS) as askers:
            until(lambda: sum(len(asker.asked) for asker in askers) >= ENOUGH)
            filled.kill()
            until(lambda: all(asker.asked[-1].status == 503 for asker in askers))
            away = [len(asker.asked) for asker in askers]
            while_away = [connection.get(path).status_code for path in ("/health", "/health?check=ready", "/health/db")]
            until(lambda: all(len(asker.asked) > number for asker, number in zip(askers, away, strict=True)))
            before = [len(asker.asked) for asker in askers]
            filled.start()
            until(lambda: all(asker.asked[-1].status == 200 for asker in askers), BACK)
            found = [len(asker.asked) for asker in askers]
            until(lambda: all(len(asker.asked) >= number + ENOUGH for asker, number in zip(askers, found, strict=True)))
            again = connection.get("/health?check=ready").status_code

        asked = [answer for asker in askers for answer in asker.asked]
        statuses = Counter(answer.status for answer in asked)
        assert [failure for asker in askers for failure in asker.failures] == []
        assert set(statuses) == {200, 503}
        assert {(answer.code, answer.retry_after) for answer in asked if answer.status == 503} == {
            ("database_unavailable", "2")
        }
        for asker, gone, back, well in zip(askers, away, before, found, strict=True):
            assert {answer.status for answer in asker.asked[gone - 1 : back]} == {503}
            assert {answer.status for answer in asker.asked[well - 1 :]} == {200}
        assert (while_away, again, running.process.poll()) == ([200, 503, 503], 200, None)
        until(lambda: count(filled.port, AUDIT_LOGS) >= statuses[200])
        # Written, and written once: a batch that was half written before the kill is not there twice.
        assert count(filled.port, AUDIT_LOGS) == statuses[200]
        assert not {"unhandled_error", "audit_lost"} & {line["event"] for line in running.lines()}


def test_audit_beyond_the_bound_is_lost_and_counted(filled: Database) -> None:
    """While the database is away the newest wait, the oldest are dropped and counted, and those that waited arrive."""
    bound, noted = 50, 80

    async def run() -> tuple[AuditWriter, int]:
        store = opened(uri(filled.port), timeout_ms=200)
        writer = AuditWriter(store, "somebody", interval=0.05, bound=bound)
        try:
            async with writer.running():
                filled.kill()
                for _ in range(noted):
                    writer.note("record_read", "P000102", "GET /patients/{mrn}", 1)
                waiting = writer.waiting
                await asyncio.to_thread(filled.start)
                await writer.settled()
                return writer, waiting
        finally:
            store.close()

    writer, waiting = asyncio.run(run())

    assert (waiting, writer.waiting, writer.written, writer.dropped) == (bound, 0, bound, noted - bound)
    assert count(filled.port, AUDIT_LOGS) == bound
