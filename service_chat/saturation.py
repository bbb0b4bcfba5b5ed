"""How many questions the model is asked at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from service_chat.errors import Saturated
from service_kit import deadline
from service_kit.spans import Span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Slots:
    """
    So many SLOTS, and as many places to wait for one; who finds neither is told to come back.

    Whoever waits does so for at most PATIENCE seconds, and no longer than its
    request has.
    """

    def __init__(self, slots: int, patience: float) -> None:
        self.taken = 0
        self._places = slots
        self._patience = patience
        self._free = asyncio.Semaphore(slots)
        self._waiting = 0

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a slot until the block ends; raise Saturated when none can be had."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._free.release()

    async def _wait(self) -> None:
        if self._waiting >= self._places:
            raise Saturated
        self._waiting += 1
        try:
            with Span("queue"):
                await self._turn()
        finally:
            self._waiting -= 1

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(deadline.remaining(self._patience)):
                await self._free.acquire()
        except TimeoutError:
            raise Saturated from None
