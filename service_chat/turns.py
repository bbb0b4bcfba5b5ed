"""
Every turn is kept by db-api as a chat log and an audit record, a little after its answer.

An answer never waits for that. While db-api is away up to BOUND turns wait,
then the oldest are dropped and counted; what waits when the process stops has
GRACE seconds to get there. Both records may be sent again without being kept
twice.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import structlog

from service_chat import kept
from service_chat.db_api import code
from service_chat.errors import DbApiUnavailable
from service_chat.turn import Turn
from service_kit import trace
from service_kit.backlog import Backlog
from service_kit.metrics import Reading

if TYPE_CHECKING:
    import httpx

    from service_chat.db_api import DbApi

BOUND = 2000
GRACE = 5.0
# Seconds to wait for company: many at a time cost db-api and us a fraction.
INTERVAL = 0.25
BATCH = 20
# So many bytes at most, well below what db-api reads of a body.
LARGEST = 256 * 1024
# Seconds between attempts while db-api is away; the real pause is random up to that.
PAUSE = 1.0
# Answers that mean neither kept nor refused for good: no token, too slow, too many.
PATH, STORED, UNREADABLE = "/turns", "stored", "unreadable_answer"
LATER = frozenset({401, 403, 408, 429})


class Turns(Backlog[Turn]):
    """Turns on their way to DB_API; `waiting` of them are noted, `kept` and `dropped` count those that were."""

    name, unit, waits, batch = "turns", "turns", "turns_wait", BATCH

    def __init__(
        self,
        db_api: DbApi,
        *,
        bound: int = BOUND,
        grace: float = GRACE,
        pause: float = PAUSE,
        interval: float = INTERVAL,
    ) -> None:
        super().__init__(bound=bound, interval=interval, grace=grace)
        self.kept = 0
        self._db_api = db_api
        self._longest_pause = pause
        # How many of the next go one by one.
        self._alone = 0
        self._random = random.Random()  # noqa: S311 - it spreads retries, nothing is kept secret by it

    def note(self, turn: Turn) -> None:
        """Note TURN, to be kept; it never waits and never fails."""
        self._queue.append(turn)
        self._mark()

    def _pause(self) -> float:
        return self._random.uniform(0, self._longest_pause)

    async def _keep(self, batch: list[Turn]) -> None:
        """Send the first of BATCH; when db-api refuses them whole, each goes alone: one must not cost the others."""
        told = self._told(batch)
        if not told:
            return
        outside = trace.enter(trace.take("", ""))
        try:
            await self._send(batch, told)
        finally:
            trace.leave(outside)

    async def _send(self, batch: list[Turn], told: list[bytes]) -> None:
        """Send what is TOLD of the first of BATCH, in a trace of its own, which the log joins to those of the turns."""
        started = time.perf_counter()
        response = await self._db_api.store(PATH, kept.together(told))
        if response.status_code in LATER:
            raise DbApiUnavailable
        structlog.get_logger().info(
            "sent_turns",
            status=response.status_code,
            duration_ms=round((time.perf_counter() - started) * 1000, 3),
            trace_ids=[each.trace_id for each in batch[: len(told)]],
        )
        if not response.is_success and len(told) > 1:
            self._alone = len(told)
            return
        del batch[: len(told)]
        self._alone = max(0, self._alone - len(told))
        if response.is_success:
            self._count(response, len(told))
        else:
            self._refuse(1, response, code(response))

    def _told(self, batch: list[Turn]) -> list[bytes]:
        """Return what is told of the first of BATCH that may go together; one that cannot be told is dropped."""
        told: list[bytes] = []
        size, most = 0, 1 if self._alone else BATCH
        while len(told) < min(most, len(batch)) and size < LARGEST:
            try:
                told.append(kept.told(batch[len(told)]))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the others
                del batch[len(told)]
                self.dropped += 1
                structlog.get_logger().error("turn_dropped", error=type(error).__name__)
            else:
                size += len(told[-1])
        return told

    def _count(self, response: httpx.Response, number: int) -> None:
        """Count what became of so many turns; an answer that does not say has taken none."""
        try:
            outcomes = kept.outcomes(response.content, number)
        except ValueError:
            self._refuse(number, response, UNREADABLE)
            return
        for outcome in outcomes:
            if outcome == STORED:
                self.kept += 1
            else:
                self._refuse(1, response, outcome)

    def _refuse(self, number: int, response: httpx.Response, why: str) -> None:
        self.dropped += number
        structlog.get_logger().error("turn_refused", turns=number, status=response.status_code, code=why)

    def readings(self) -> tuple[Reading, ...]:
        """Return these numbers for the metrics."""
        return (
            Reading("carepath_turns_waiting", "Turns not kept yet.", lambda: self.waiting),
            Reading("carepath_turns_kept_total", "Turns kept.", lambda: self.kept, "counter"),
            Reading("carepath_turns_dropped_total", "Turns given up or refused.", lambda: self.dropped, "counter"),
        )
