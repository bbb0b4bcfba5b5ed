"""What is noted of reads and writes, and that it gets into the database."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import anyio
import pytest
import structlog

from service_db_api.audit import BATCH, INTERVAL, AuditWriter
from service_db_api.models import AuditLog, examples
from service_db_api.store.mongo import Store
from service_db_api.store.schema import AUDIT_LOGS, CHAT_LOGS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.store.row import Row
    from tests.unit.service_db_api.served import Served

pytestmark = pytest.mark.anyio
# Longer than any of these tests takes, so that only what is tested can write.
NEVER = 3600.0
PATIENCE = 30.0
# Path -> whose record it shows, and how that is noted.
READS = {
    "/patients/P000101": ("P000101", "GET /patients/{mrn}"),
    "/patients/P000101/summary": ("P000101", "GET /patients/{mrn}/summary"),
    "/patients/P000101/documents": ("P000101", "GET /patients/{mrn}/documents"),
    "/encounters/ENC-2025-05-20-01": ("P000101", "GET /encounters/{encounter_id}"),
    "/claims/CLM-2025-0101": ("P000101", "GET /claims/{claim_id}"),
    "/documents?patient_mrn=P000101": ("P000101", "GET /documents"),
    "/patients": (None, "GET /patients"),
    "/encounters": (None, "GET /encounters"),
}


@contextlib.asynccontextmanager
async def away() -> AsyncIterator[tuple[Store, socket.socket]]:
    """Yield a store and the socket where its server would be: nobody listens, and the port is nobody else's."""
    with socket.socket() as bound:
        # Bound and not listening, it refuses every connection.
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        store = Store(f"mongodb://127.0.0.1:{port}", "carepath", server_selection_timeout_ms=20, max_pool_size=2)
        try:
            yield store, bound
        finally:
            # The driver says goodbye over its connections, and the other end of those is in this thread's loop.
            await asyncio.to_thread(store.close)


@contextlib.asynccontextmanager
async def reachable(store: Store, bound: socket.socket) -> AsyncIterator[None]:
    """Make the database of `store` answer at `bound` as well until the block ends."""
    address = store._client.delegate.address

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*address)
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    server = await asyncio.start_server(connect, sock=bound)
    try:
        yield
    finally:
        server.close()


def note(writer: AuditWriter, number: int, what: str) -> None:
    """Note NUMBER reads of WHAT, a second apart in what they took."""
    for each in range(number):
        writer.note("record_read", "P000903", what, each * 1000.0)


async def stored(store: Store, what: str) -> list[Row]:
    return [row async for row in store.each(AUDIT_LOGS, {"input_summary": what}, (("latency_ms", 1),))]


@pytest.mark.usefixtures("hasty_driver")
async def test_records_wait_for_the_database(served: Served) -> None:
    """Nothing is lost while there is room: it is written once the database is back, and said in two lines."""
    with structlog.testing.capture_logs() as lines, anyio.fail_after(PATIENCE):
        async with away() as (store, bound):
            writer = AuditWriter(store, "anonymous", interval=0.05)
            note(writer, 5, "waits")
            for _ in range(3):
                await writer._work_off()
                assert (writer.waiting, writer.written) == (5, 0)
            async with reachable(served.store, bound), writer.running():
                await writer.settled()

    assert [row["latency_ms"] for row in await stored(served.store, "waits")] == [0, 1000, 2000, 3000, 4000]
    assert (writer.waiting, writer.written, writer.dropped) == (0, 5, 0)
    assert [each["event"] for each in lines if each["event"].startswith("audit")] == ["audit_waits", "audit_resumed"]


async def test_beyond_the_bound_the_oldest_go(served: Served) -> None:
    """Memory is bounded; what is dropped is counted, and said once."""
    writer = AuditWriter(served.store, "anonymous", interval=NEVER, bound=3)
    with structlog.testing.capture_logs() as lines:
        async with writer.running():
            note(writer, 8, "dropped")
            assert (writer.waiting, writer.dropped) == (3, 5)

    assert [row["latency_ms"] for row in await stored(served.store, "dropped")] == [5000, 6000, 7000]
    assert [each["event"] for each in lines] == ["audit_dropping", "audit_resumed"]


@pytest.mark.usefixtures("hasty_driver")
async def test_a_stop_without_the_database_says_what_is_lost() -> None:
    """The process does not wait for ever, and does not lose records silently."""
    with structlog.testing.capture_logs() as lines, anyio.fail_after(PATIENCE):
        async with away() as (store, _), (writer := AuditWriter(store, "x", interval=NEVER)).running():
            note(writer, 2, "lost")

    assert lines[-1] == {"event": "audit_lost", "records": 2, "log_level": "error"}


async def test_a_batch_that_was_half_written_is_not_doubled(served: Served) -> None:
    """When nobody knows whether a batch arrived it is sent again, and each record is there once."""
    writer = AuditWriter(served.store, "anonymous", interval=NEVER)
    note(writer, 4, "twice")
    rows = [writer._row(each) for each in writer._queue]

    await served.store.insert_new(AUDIT_LOGS, rows[:2])
    await served.store.insert_new(AUDIT_LOGS, rows)

    assert len(await stored(served.store, "twice")) == 4


async def test_records_are_written_within_the_bound(served: Served) -> None:
    """A second after it was noted, a record is in the database."""
    writer = AuditWriter(served.store, "anonymous")
    async with writer.running():
        note(writer, 1, "soon")
        with anyio.fail_after(INTERVAL + PATIENCE):
            await writer.settled()
        assert len(await stored(served.store, "soon")) == 1


async def test_many_records_do_not_wait(served: Served) -> None:
    """A full batch is written at once, whatever the interval."""
    writer = AuditWriter(served.store, "anonymous", interval=NEVER)
    async with writer.running():
        note(writer, BATCH, "many")
        with anyio.fail_after(PATIENCE):
            await writer.settled()

        assert len(await stored(served.store, "many")) == BATCH


async def test_what_is_left_is_written_at_the_end(served: Served) -> None:
    """A process that stops writes what it has noted before."""
    async with (writer := AuditWriter(served.store, "anonymous", interval=NEVER)).running():
        note(writer, 3, "stop")
        assert await stored(served.store, "stop") == []

    assert len(await stored(served.store, "stop")) == 3


async def test_the_numbers_are_told(served: Served) -> None:
    """Waiting, written and dropped records are metrics."""
    writer = AuditWriter(served.store, "anonymous", bound=1)
    note(writer, 3, "numbers")

    told = {each.name: each.read() for each in writer.readings()}
    assert told == {
        "carepath_audit_waiting_records": 1,
        "carepath_audit_written_total": 0,
        "carepath_audit_dropped_total": 2,
    }


async def test_a_read_is_found_by_its_request(served: Served) -> None:
    """Whose record was read, how and when is under the trace id; the record itself is not."""
    answers = {path: await served.client.get(path) for path in READS}
    await served.audit.settled()

    for path, (mrn, template) in READS.items():
        trace = answers[path].headers["x-trace-id"]
        (found,) = (await served.client.get(f"/audit-logs?request_id={trace}")).json()["items"]
        told = AuditLog.model_validate(found, extra="forbid")
        assert (told.event_type, told.patient_mrn, told.request_id) == ("record_read", mrn, trace)
        assert (told.input_summary, told.output_summary, told.actor_id) == (template, None, "anonymous")
        assert told.status == "success"


async def test_a_write_is_found_by_its_request(served: Served) -> None:
    """Storing a conversation is an event as well."""
    response = await served.client.post("/chat-logs", json={**examples.NEW_CHAT_LOG, "trace_id": "a" * 32})
    await served.audit.settled()

    trace = response.headers["x-trace-id"]
    (found,) = (await served.client.get(f"/audit-logs?request_id={trace}")).json()["items"]
    assert (found["event_type"], found["patient_mrn"]) == ("record_write", examples.MRN)
    await served.store.remove(CHAT_LOGS, ["CONV-" + "a" * 32])


async def test_what_shows_no_record_is_not_noted(served: Served) -> None:
    """Refusals, probes and the audit itself are not in the audit."""
    paths = ("/patients/P999999", "/patients/1", "/patients?limit=0", "/health", "/audit-logs")
    answers = [await served.client.get(path) for path in paths]
    await served.audit.settled()

    for each in answers:
        found = await served.client.get(f"/audit-logs?request_id={each.headers['x-trace-id']}")
        assert found.json()["items"] == []
