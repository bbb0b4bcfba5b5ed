"""
Who read or wrote which patient's records: noted at once, written a little later in batches.

An answer never waits for its own record to be written. What is noted is in the
database within INTERVAL seconds, or earlier when there is much of it; while
the database is away up to BOUND records wait, then the oldest are dropped and
counted. A process that is killed loses what it had not written yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import structlog

from service_db_api.store.schema import AUDIT_LOGS
from service_kit import trace
from service_kit.fresh import Fresh
from service_kit.metrics import Reading
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

Event = Literal["record_read", "record_write"]
# A name of its own, the event, the MRN, the trace id, seconds since 1970, what was asked, and the milliseconds it took.
Note = tuple[str, Event, str | None, str, float, str, float]

INTERVAL = 1.0
BATCH = 200
BOUND = 10_000
# The last attempt, when the process stops, may take as long.
GRACE = 5.0


class AuditWriter:
    """Records of STORE's use; `waiting` of them are noted, `written` and `dropped` count those that were."""

    def __init__(self, store: Store, actor: str, *, interval: float = INTERVAL, bound: int = BOUND) -> None:
        self.written = 0
        self.dropped = 0
        self._store = store
        self._actor = actor
        self._interval = interval
        self._bound = bound
        self._fresh = Fresh(32)
        self._notes: deque[Note] = deque()
        self._writing = 0
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._failing = False
        self._dropping = False

    @property
    def waiting(self) -> int:
        """How many records are not written yet."""
        return len(self._notes) + self._writing

    def note(self, event: Event, mrn: str | None, what: str, milliseconds: float) -> None:
        """Note that WHAT, a method and a route's template, was answered in so many MILLISECONDS about MRN."""
        # An answer waits for this, and not for the row that is made of it.
        self._notes.append((self._fresh(), event, mrn, trace.current_id(), time.time(), what, milliseconds))
        number = len(self._notes)
        if number == 1:
            self._idle.clear()
            self._some.set()
        elif number == BATCH:
            self._enough.set()
        elif number > self._bound:
            self._trim()

    async def settled(self) -> None:
        """Wait until all that has been noted is written or dropped."""
        await self._idle.wait()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write what is noted until the block ends, and what is left then, for which there are GRACE seconds."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await self._write()
            if self.waiting:
                structlog.get_logger().error("audit_lost", records=self.waiting)

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._enough.wait()
            await self._write()
            if self._failing:
                await asyncio.sleep(self._interval)

    async def _write(self) -> None:
        """Write what is noted by now, batch after batch, as long as the database takes them."""
        self._enough.clear()
        # What is noted meanwhile waits for others, lest a busy service write its records one by one.
        left = len(self._notes)
        while left > 0:
            batch = [self._notes.popleft() for _ in range(min(BATCH, left))]
            left -= len(batch)
            self._writing = len(batch)
            try:
                # Shielded, for a stop in between must not take a batch away that may be half written.
                await asyncio.shield(self._store.add(AUDIT_LOGS, [self._row(each) for each in batch]))
            except (Problem, asyncio.CancelledError) as error:
                self._notes.extendleft(reversed(batch))
                self._trim()
                if not isinstance(error, Problem):
                    raise
                if not self._failing:
                    structlog.get_logger().warning("audit_waits", records=self.waiting, code=error.code)
                self._failing = True
                return
            finally:
                self._writing = 0
            self.written += len(batch)
            if self._failing or self._dropping:
                structlog.get_logger().info("audit_resumed", dropped_so_far=self.dropped)
            self._failing = self._dropping = False
        if not self._notes:
            self._some.clear()
            self._idle.set()

    def _row(self, note: Note) -> Row:
        """Return the record of NOTE; one that is written twice has the same id."""
        name, event, mrn, request, moment, what, milliseconds = note
        return {
            "event_id": f"EVT-{name}",
            "event_type": event,
            "actor_type": "service",
            "actor_id": self._actor,
            "patient_mrn": mrn,
            "model_name": None,
            "request_id": request,
            "created_at": datetime.fromtimestamp(moment, UTC),
            "input_summary": what,
            "output_summary": None,
            "latency_ms": int(milliseconds),
            "status": "success",
        }

    def _trim(self) -> None:
        """Drop the oldest records beyond the bound, and say so once until the database takes some again."""
        while len(self._notes) > self._bound:
            self._notes.popleft()
            self.dropped += 1
            if not self._dropping:
                self._dropping = True
                structlog.get_logger().error("audit_dropping", bound=self._bound)

    def readings(self) -> tuple[Reading, ...]:
        """Return the writer's numbers for the metrics."""
        return (
            Reading("carepath_audit_waiting_records", "Audit records not written yet.", lambda: self.waiting),
            Reading("carepath_audit_written_total", "Audit records written.", lambda: self.written, "counter"),
            Reading("carepath_audit_dropped_total", "Audit records given up.", lambda: self.dropped, "counter"),
        )
