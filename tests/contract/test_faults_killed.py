"""A database that is killed and started again, under a real db-api."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest

from service_db_api.audit import AuditWriter
from service_db_api.store.schema import AUDIT_LOGS
from tests.contract.asking import asking, until
from tests.contract.databases import opened
from tests.contract.filled import PATHS, count, uri, with_personas
from tests.contract.process import db_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.database import Database

CLIENTS = 4
ENOUGH = 200
SELECTION_MS = 1000
# What the service promises, in seconds: to be back after its database is, and to have written what waited.
BACK = 5.0
LONGEST = 10.0


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Database]:
    """Yield a database that a test may kill."""
    with with_personas(tmp_path) as found:
        yield found


@pytest.mark.slow
def test_a_killed_database_costs_503_until_it_is_back(
    filled: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under load: only 503 while it is away, 200 at most five seconds after its return, and every read in the audit."""
    settings = {"MONGODB_URI": uri(filled.port), "MONGO_SERVER_SELECTION_TIMEOUT_MS": str(SELECTION_MS)}
    with db_api(tmp_path, **settings) as running, httpx.Client(base_url=running.address, trust_env=False) as client:
        with asking(running.address, PATHS, CLIENTS) as askers:
            until(lambda: sum(len(each.asked) for each in askers) >= ENOUGH)
            filled.kill()
            killed = time.monotonic()
            until(lambda: all(each.asked[-1].status == 503 and each.asked[-1].at > killed for each in askers))
            while_away = [client.get(path).status_code for path in ("/health", "/health?check=ready", "/health/db")]
            filled.start()
            back = time.monotonic()
            until(lambda: all(each.asked[-1].at > back + BACK for each in askers))
            again = client.get("/health?check=ready").status_code

        asked = [each for asker in askers for each in asker.asked]
        good = sum(each.status == 200 for each in asked)
        recovered = min(each.at + each.seconds for each in asked if each.at > back and each.status == 200) - back
        statuses = Counter(each.status for each in asked)
        with capsys.disabled():
            sys.stdout.write(f"\nkilled: {dict(statuses)}, back {recovered:.2f} s after the database\n")
        assert [failure for each in askers for failure in each.failures] == []
        assert set(statuses) == {200, 503}
        assert {(each.code, each.retry_after) for each in asked if each.status == 503} == {
            ("database_unavailable", "2")
        }
        assert max(each.seconds for each in asked) < LONGEST
        assert {each.status for each in asked if each.at > back + BACK} == {200}
        assert not [each for each in asked if killed < each.at < each.at + each.seconds < back and each.status == 200]
        assert (while_away, again, running.process.poll()) == ([200, 503, 503], 200, None)
        until(lambda: count(filled.port, AUDIT_LOGS) >= good, BACK)
        # Written, and written once: a batch that was half written before the kill is not there twice.
        assert count(filled.port, AUDIT_LOGS) == good
        assert not [each for each in running.lines() if each["event"] in ("unhandled_error", "audit_lost")]


def test_audit_beyond_the_bound_is_lost_and_counted(filled: Database) -> None:
    """While the database is away the newest wait, the oldest are dropped and counted, and those that waited arrive."""
    bound, noted = 50, 80

    async def run() -> tuple[AuditWriter, int, float]:
        store = opened(uri(filled.port), timeout_ms=200)
        writer = AuditWriter(store, "somebody", interval=0.05, bound=bound)
        try:
            async with writer.running():
                filled.kill()
                for _ in range(noted):
                    writer.note("record_read", "P000102", "GET /patients/{mrn}", 1)
                await asyncio.sleep(0.5)
                waiting = writer.waiting
                await asyncio.to_thread(filled.start)
                started = time.monotonic()
                async with asyncio.timeout(BACK):
                    await writer.settled()
                return writer, waiting, time.monotonic() - started
        finally:
            store.close()

    writer, waiting, _ = asyncio.run(run())

    assert (waiting, writer.waiting, writer.written, writer.dropped) == (bound, 0, bound, noted - bound)
    assert count(filled.port, AUDIT_LOGS) == bound
