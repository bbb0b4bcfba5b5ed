"""
Every turn is kept by db-api as a chat log and an audit record, a little after its answer.

An answer never waits for that. While db-api is away up to BOUND turns wait,
then the oldest are dropped and counted; what waits when the process stops has
GRACE seconds to get there. Both records may be sent again without being kept
twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from typing import TYPE_CHECKING

import structlog

from service_chat import kept
from service_chat.db_api import code
from service_chat.errors import DbApiUnavailable
from service_chat.turn import Turn, new_conversation
from service_kit.metrics import Reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from service_chat.db_api import DbApi

__all__ = ["Turn", "Turns", "new_conversation"]

BOUND = 2000
GRACE = 5.0
# Seconds to wait for company: many at a time cost db-api and us a fraction.
INTERVAL = 0.25
BATCH = 50
# So many bytes at most, well below what db-api reads of a body.
LARGEST = 256 * 1024
# Seconds between attempts while db-api is away; the real pause is random up to that.
PAUSE = 1.0
# Answers that mean neither kept nor refused for good: no token, too slow, too many.
PATH, STORED = "/turns", "stored"
LATER = frozenset({401, 403, 408, 429})


class Turns:
    """Turns on their way to DB_API; `waiting` of them are noted, `kept` and `dropped` count those that were."""

    def __init__(
        self,
        db_api: DbApi,
        *,
        bound: int = BOUND,
        grace: float = GRACE,
        pause: float = PAUSE,
        interval: float = INTERVAL,
    ) -> None:
        self.kept = 0
        self.dropped = 0
        self._db_api = db_api
        self._bound = bound
        self._grace = grace
        self._pause = pause
        self._interval = interval
        self._queue: deque[Turn] = deque()
        self._sending = 0
        # How many of the next go one by one.
        self._alone = 0
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        # Failing is one pause long; waiting goes on until db-api takes some again.
        self._failing = self._waits = self._dropping = False
        self._random = random.Random()  # noqa: S311 - it spreads retries, nothing is kept secret by it

    @property
    def waiting(self) -> int:
        """How many turns are not kept yet."""
        return len(self._queue) + self._sending

    def note(self, turn: Turn) -> None:
        """Note TURN, to be kept; it never waits and never fails."""
        self._queue.append(turn)
        self._idle.clear()
        self._some.set()
        if len(self._queue) >= BATCH:
            self._enough.set()
        self._trim()

    async def settled(self) -> None:
        """Wait until all that has been noted is kept or dropped."""
        await self._idle.wait()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep what is noted until the block ends, and then what is left, for which there are so many seconds."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._interval = 0.0
            self._enough.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._grace):
                    await self.settled()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if lost := self.waiting:
                self._queue.clear()
                self.dropped += lost
                structlog.get_logger().error("turns_lost", turns=lost)

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._enough.wait()
            self._enough.clear()
            while self._queue and not self._failing:
                await self._keep(self._next())
            if not self._queue:
                self._some.clear()
                self._idle.set()
            if self._failing:
                await asyncio.sleep(self._random.uniform(0, self._pause))
                self._failing = False

    def _next(self) -> list[tuple[Turn, bytes]]:
        """Take a batch of turns off the queue, each with what is told of it; one that cannot be told is dropped."""
        found: list[tuple[Turn, bytes]] = []
        size, most = 0, 1 if self._alone else BATCH
        while self._queue and len(found) < most and size < LARGEST:
            turn = self._queue.popleft()
            self._alone = max(0, self._alone - 1)
            try:
                told = kept.told(turn)
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the keeping of all
                self.dropped += 1
                structlog.get_logger().error("turn_dropped", error=type(error).__name__)
                continue
            found.append((turn, told))
            size += len(told)
        return found

    async def _keep(self, batch: list[tuple[Turn, bytes]]) -> None:
        """Have BATCH kept; put it back when db-api is away."""
        if not batch:
            return
        self._sending = len(batch)
        try:
            await self._send(batch)
        except (DbApiUnavailable, asyncio.CancelledError) as error:
            self._queue.extendleft(turn for turn, _ in reversed(batch))
            self._trim()
            if isinstance(error, asyncio.CancelledError):
                raise
            if not self._waits:
                structlog.get_logger().warning("turns_wait", turns=len(self._queue), code=error.code)
            self._failing = self._waits = True
            return
        finally:
            self._sending = 0
        if self._waits or self._dropping:
            structlog.get_logger().info("turns_resumed", dropped_so_far=self.dropped)
        self._waits = self._dropping = False

    async def _send(self, batch: list[tuple[Turn, bytes]]) -> None:
        """Send BATCH; when db-api refuses it whole, each goes alone: one it does not take must not cost the others."""
        response = await self._db_api.store(PATH, kept.together([told for _, told in batch]))
        if response.status_code in LATER:
            raise DbApiUnavailable
        if response.is_success:
            self._count(response)
        elif len(batch) > 1:
            self._alone = len(batch)
            self._queue.extendleft(turn for turn, _ in reversed(batch))
        else:
            self.dropped += 1
            structlog.get_logger().error("turn_refused", status=response.status_code, code=code(response))

    def _count(self, response: httpx.Response) -> None:
        for outcome in response.json()["outcomes"]:
            if outcome == STORED:
                self.kept += 1
            else:
                self.dropped += 1
                structlog.get_logger().error("turn_refused", status=response.status_code, code=outcome)

    def _trim(self) -> None:
        """Drop the oldest turns beyond the bound, and say so once until db-api takes some again."""
        while len(self._queue) > self._bound:
            self._queue.popleft()
            self.dropped += 1
            if not self._dropping:
                self._dropping = True
                structlog.get_logger().error("turns_dropping", bound=self._bound)

    def readings(self) -> tuple[Reading, ...]:
        """Return these numbers for the metrics."""
        return (
            Reading("carepath_turns_waiting", "Turns not kept yet.", lambda: self.waiting),
            Reading("carepath_turns_kept_total", "Turns kept.", lambda: self.kept, "counter"),
            Reading("carepath_turns_dropped_total", "Turns given up or refused.", lambda: self.dropped, "counter"),
        )
