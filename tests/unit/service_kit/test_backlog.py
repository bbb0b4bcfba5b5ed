"""A backlog over something that keeps, refuses and fails as a test says."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
import structlog

from service_kit.backlog import Backlog
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
# Longer than any of these tests takes.
NEVER = 3600.0


class Away(Problem):
    code = "away"


class Letters(Backlog[int]):
    """Letters, four at a time; `faults` are what goes wrong with the next batches, None with none."""

    name, unit, waits, batch = "letters", "sheets", "letters_wait", 4

    def __init__(self, *, bound: int = 100, interval: float = 0.0, grace: float = 0.2) -> None:
        super().__init__(bound=bound, interval=interval, grace=grace)
        self.kept: list[list[int]] = []
        self.faults: list[Exception | None] = []
        # How many are done with of each batch.
        self.most = self.batch
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.answered = asyncio.Event()

    def note(self, number: int) -> None:
        self._queue.append(number)
        self._mark()

    async def _keep(self, batch: list[int]) -> None:
        self.asked.set()
        await self.open.wait()
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
        self.kept.append(batch[: self.most])
        del batch[: self.most]
        self.answered.set()


class Persistent(Letters):
    def _pause(self) -> float:
        return 0.0


@contextlib.asynccontextmanager
async def keeping(letters: Letters, number: int = 0) -> AsyncIterator[None]:
    """Keep LETTERS, of which so many are noted, until the block ends, which it must in time."""
    async with asyncio.timeout(20), letters.running():
        for each in range(number):
            letters.note(each)
        yield


async def nothing(letters: Letters) -> None:
    """See that none of LETTERS goes by itself."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await letters.asked.wait()


async def test_a_fault_of_ours_costs_its_batch_and_no_other() -> None:
    """It is counted and said by the fault's name alone, and the keeping goes on."""
    letters = Letters()
    letters.faults = [KeyError("what was noted")]
    with structlog.testing.capture_logs() as lines:
        async with keeping(letters, 6):
            await letters.settled()

    assert (letters.kept, letters.dropped, letters.waiting) == ([[4, 5]], 4, 0)
    assert lines == [{"event": "letters_failed", "sheets": 4, "error": "KeyError", "log_level": "error"}]


async def test_what_cannot_be_kept_waits_and_goes_first() -> None:
    """That it waits and that it goes on is said once each, however often it is tried."""
    letters = Letters()
    letters.faults = [Away(), Away(), Away()]
    with structlog.testing.capture_logs() as lines:
        async with keeping(letters, 6):
            await letters.settled()

    assert (letters.kept, letters.dropped) == ([[0, 1, 2, 3], [4, 5]], 0)
    assert lines == [
        {"event": "letters_wait", "sheets": 6, "code": "away", "log_level": "warning"},
        {"event": "letters_resumed", "dropped_so_far": 0, "log_level": "info"},
    ]


async def test_what_is_left_of_a_batch_goes_next() -> None:
    """Whoever keeps may take fewer than it is given; the order stays."""
    letters = Letters(interval=NEVER)
    letters.most = 3
    async with keeping(letters, 7):
        await letters.settled()

    assert letters.kept == [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.parametrize("bound", [1, 3, 4, 6])
async def test_beyond_the_bound_the_oldest_go(bound: int) -> None:
    """Whatever the bound is to a batch, the newest wait; that others do not is said once, until some are kept."""
    letters = Letters(bound=bound, interval=NEVER)
    with structlog.testing.capture_logs() as lines:
        for each in range(10):
            letters.note(each)
        assert (letters.waiting, letters.dropped) == (bound, 10 - bound)
        async with keeping(letters):
            pass

    assert [each for batch in letters.kept for each in batch] == [*range(10 - bound, 10)]
    assert [each["event"] for each in lines] == ["letters_dropping", "letters_resumed"]


async def test_what_comes_back_is_older_than_what_came_meanwhile() -> None:
    """A batch that could not be kept is what goes when there is no room for it any more."""
    letters = Letters(bound=4)
    letters.open.clear()
    letters.faults = [Away()]
    async with keeping(letters, 4):
        await letters.asked.wait()
        assert letters.waiting == 4
        letters.note(4)
        letters.note(5)
        assert (letters.waiting, letters.dropped) == (6, 0)
        letters.open.set()
        await letters.settled()

    assert (letters.kept, letters.dropped) == ([[2, 3, 4, 5]], 2)


async def test_a_full_batch_does_not_wait_for_company() -> None:
    """Fewer wait as long as they may."""
    letters = Letters(interval=NEVER)
    async with keeping(letters, 3):
        await nothing(letters)
        letters.note(3)
        await letters.settled()

        assert letters.kept == [[0, 1, 2, 3]]


async def test_what_comes_meanwhile_waits_for_company() -> None:
    """A busy service does not have its notes kept one by one."""
    letters = Letters(interval=NEVER)
    letters.open.clear()
    async with keeping(letters, 4):
        await letters.asked.wait()
        letters.note(4)
        letters.open.set()
        await letters.answered.wait()
        for each in range(5, 8):
            letters.note(each)
        await letters.settled()

    assert letters.kept == [[0, 1, 2, 3], [4, 5, 6, 7]]


async def test_what_is_left_at_the_end_is_kept() -> None:
    """Nobody waits for company then."""
    letters = Letters(interval=NEVER)
    async with keeping(letters, 3):
        await nothing(letters)

    assert (letters.kept, letters.waiting, letters.dropped) == ([[0, 1, 2]], 0, 0)


async def test_who_tries_again_at_the_end_waits_for_no_company_either() -> None:
    """A class may have what failed tried again as long as the grace lasts."""
    letters = Persistent(interval=NEVER, grace=NEVER)
    letters.faults = [Away(), Away()]
    async with keeping(letters, 3):
        await nothing(letters)

    assert (letters.kept, letters.waiting, letters.dropped) == ([[0, 1, 2]], 0, 0)


async def test_the_last_that_cannot_be_kept_are_lost_at_once() -> None:
    """At the end nothing that failed is tried again unless a class says so; what is lost is said and counted."""
    letters = Letters(interval=NEVER, grace=NEVER)
    letters.faults = [None, Away()]
    with structlog.testing.capture_logs() as lines:
        async with keeping(letters, 6):
            pass

    assert (letters.kept, letters.waiting, letters.dropped) == ([[0, 1, 2, 3]], 0, 2)
    assert lines[-1] == {"event": "letters_lost", "sheets": 2, "log_level": "error"}


async def test_the_end_takes_no_longer_than_the_grace() -> None:
    """What is on its way by then is lost too."""
    letters = Letters(grace=0.01)
    letters.open.clear()
    with structlog.testing.capture_logs() as lines:
        async with keeping(letters, 6):
            await letters.asked.wait()

    assert (letters.kept, letters.waiting, letters.dropped) == ([], 0, 6)
    assert [(each["event"], each["sheets"]) for each in lines] == [("letters_lost", 6)]


async def test_nothing_noted_is_nothing_to_wait_for() -> None:
    """Neither while it runs nor at the end."""
    letters = Letters(interval=NEVER, grace=NEVER)
    async with keeping(letters):
        await letters.settled()

    assert (letters.kept, letters.dropped) == ([], 0)
