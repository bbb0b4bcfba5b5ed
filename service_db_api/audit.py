"""
Who read or wrote which patient's records: noted at once, written a little later in batches.

An answer never waits for its own record to be written. What is noted is in the
database within INTERVAL seconds, or earlier when there is much of it; while
the database is away up to BOUND records wait, then the oldest are dropped and
counted. A process that is killed loses what it had not written yet.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from service_db_api.store.schema import AUDIT_LOGS
from service_kit import trace
from service_kit.backlog import Backlog
from service_kit.fresh import Fresh
from service_kit.metrics import Reading

if TYPE_CHECKING:
    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

Event = Literal["record_read", "record_write"]
# A name of its own, the event, the MRN, the trace id, seconds since 1970, what was asked, and the milliseconds it took.
Note = tuple[str, Event, str | None, str, float, str, float]

# Seldom enough to cost little, often enough that no read waits long behind a batch in the database.
INTERVAL = 0.25
BATCH = 200
BOUND = 10_000
# What waits when the process stops has as long to get there.
GRACE = 5.0


class AuditWriter(Backlog[Note]):
    """Records of STORE's use; `waiting` of them are noted, `written` and `dropped` count those that were."""

    name, unit, waits, batch = "audit", "records", "audit_waits", BATCH

    def __init__(
        self, store: Store, actor: str, *, interval: float = INTERVAL, bound: int = BOUND, grace: float = GRACE
    ) -> None:
        super().__init__(bound=bound, interval=interval, grace=grace)
        self.written = 0
        self._store = store
        self._actor = actor
        self._fresh = Fresh(32)

    def note(self, event: Event, mrn: str | None, what: str, milliseconds: float) -> None:
        """Note that WHAT, a method and a route's template, was answered in so many MILLISECONDS about MRN."""
        # An answer waits for this, and not for the row that is made of it; a call less is worth a line.
        self._queue.append((self._fresh(), event, mrn, trace.current_id(), time.time(), what, milliseconds))
        if not 1 < len(self._queue) < self._many:
            self._mark()

    async def _keep(self, batch: list[Note]) -> None:
        # Shielded, for a stop in between must not take a batch away that may be half written.
        await asyncio.shield(self._store.add(AUDIT_LOGS, [self._row(each) for each in batch]))
        self.written += len(batch)
        batch.clear()

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

    def readings(self) -> tuple[Reading, ...]:
        """Return the writer's numbers for the metrics."""
        return (
            Reading("carepath_audit_waiting_records", "Audit records not written yet.", lambda: self.waiting),
            Reading("carepath_audit_written_total", "Audit records written.", lambda: self.written, "counter"),
            Reading("carepath_audit_dropped_total", "Audit records given up.", lambda: self.dropped, "counter"),
        )
