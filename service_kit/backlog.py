"""
What is noted at once and kept a little later, in batches.

Whoever notes something never waits for that. While nothing can be kept, a
bounded number of notes waits, then the oldest are dropped and counted.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import structlog

from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

T = TypeVar("T")


class Backlog(ABC, Generic[T]):
    """
    Notes on their way; `waiting` of them are not kept yet, `dropped` counts those given up.

    At most BOUND wait, for company up to INTERVAL seconds, and at the end GRACE
    seconds for the last. A class says how lines of the log name its notes and
    count them, how many go together, and how some are kept.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    waits: ClassVar[str]
    batch: ClassVar[int]

    def __init__(self, *, bound: int, interval: float, grace: float) -> None:
        self.dropped = 0
        self._bound = bound
        # From so many on a note changes more than its own waiting.
        self._many = min(self.batch, bound + 1)
        self._interval = interval
        self._grace = grace
        self._queue: deque[T] = deque()
        self._taken: list[T] = []
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._failing = self._dropping = self._ending = False

    @abstractmethod
    async def _keep(self, batch: list[T]) -> None:
        """Keep some of BATCH, and take from it what is done with; raise a Problem when that has to wait."""

    def _pause(self) -> float | None:
        """Return how many seconds to wait before what failed is tried again; None says not to."""
        return None if self._ending else self._interval

    @property
    def waiting(self) -> int:
        """How many are not kept yet."""
        return len(self._queue) + len(self._taken)

    def _mark(self) -> None:
        """See to what one more in the queue means; with more than one and fewer than `_many` it means nothing."""
        number = len(self._queue)
        if number > self._bound:
            self._trim()
        elif number == 1:
            self._idle.clear()
            self._some.set()
        elif number == self.batch:
            self._enough.set()

    async def settled(self) -> None:
        """Wait until all that has been noted is kept or dropped."""
        await self._idle.wait()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep what is noted until the block ends, and then what is left, for which there is the grace."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._ending = True
            self._enough.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._grace):
                    await self.settled()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if lost := self.waiting:
                self._queue.clear()
                self.dropped += lost
                structlog.get_logger().error(f"{self.name}_lost", **{self.unit: lost})

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.0 if self._ending else self._interval):
                    await self._enough.wait()
            if await self._work_off():
                continue
            pause = self._pause()
            if pause is None:
                self._idle.set()
                return
            await asyncio.sleep(pause)

    async def _work_off(self) -> bool:
        """Keep what waits by now, batch after batch; return whether that went well."""
        self._enough.clear()
        # What is noted meanwhile waits for others, lest a busy service keep its notes one by one.
        left = len(self._queue)
        while left > 0:
            batch = self._taken = [self._queue.popleft() for _ in range(min(self.batch, left))]
            left -= len(batch)
            try:
                await self._keep(batch)
            except Problem as error:
                if not self._failing:
                    structlog.get_logger().warning(self.waits, **{self.unit: self.waiting}, code=error.code)
                self._failing = True
                return False
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the keeping of all
                self.dropped += len(batch)
                structlog.get_logger().error(
                    f"{self.name}_failed", **{self.unit: len(batch)}, error=type(error).__name__
                )
                batch.clear()
            else:
                if self._failing or self._dropping:
                    structlog.get_logger().info(f"{self.name}_resumed", dropped_so_far=self.dropped)
                self._failing = self._dropping = False
            finally:
                left += len(batch)
                self._taken = []
                self._queue.extendleft(reversed(batch))
                self._trim()
        if not self._queue:
            self._some.clear()
            self._idle.set()
        return True

    def _trim(self) -> None:
        """Drop the oldest beyond the bound, and say so once until some are kept again."""
        while len(self._queue) > self._bound:
            self._queue.popleft()
            self.dropped += 1
            if not self._dropping:
                self._dropping = True
                structlog.get_logger().error(f"{self.name}_dropping", bound=self._bound)
