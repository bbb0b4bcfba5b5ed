"""The same work for both services at once."""

from __future__ import annotations

import anyio
import pytest

from ci.concurrency import side_by_side
from ci.errors import CheckFailed, ImageFailed, leaves

pytestmark = pytest.mark.anyio


async def test_one_failure_lets_the_other_finish() -> None:
    """The tests of chat-api run to their end although those of db-api failed."""
    finished = []

    async def work(name: str) -> None:
        if name == "db-api":
            title = "db-api failed."
            raise CheckFailed(title, code="tests_failed")
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        finished.append(name)

    with pytest.raises(CheckFailed, match=r"db-api failed\."):
        await side_by_side(work, ["db-api", "chat-api"])

    assert finished == ["chat-api"]


async def test_both_failures_are_told() -> None:
    """Nobody mends one service only to learn of the other."""

    async def work(name: str) -> None:
        title = f"{name} failed."
        raise ImageFailed(title, code="build_failed", detail=f"log of {name}")

    with pytest.raises(ImageFailed) as caught:
        await side_by_side(work, ["db-api", "chat-api"])

    told = f"{caught.value.title} {caught.value.detail}"
    for name in ("db-api", "chat-api"):
        assert f"{name} failed." in told
        assert f"log of {name}" in told


async def test_bug_cancels_the_other() -> None:
    """What is not foreseen is not waited for."""

    async def work(name: str) -> None:
        if name == "db-api":
            raise ZeroDivisionError
        await anyio.sleep_forever()

    with pytest.raises(BaseExceptionGroup) as caught, anyio.fail_after(5):
        await side_by_side(work, ["db-api", "chat-api"])

    assert [type(each) for each in leaves(caught.value)] == [ZeroDivisionError]


async def test_both_run_at_once() -> None:
    """Each waits for the other, which would last forever one after the other."""
    started = {"db-api": anyio.Event(), "chat-api": anyio.Event()}

    async def work(name: str) -> str:
        started[name].set()
        for each in started.values():
            await each.wait()
        return name

    with anyio.fail_after(5):
        assert await side_by_side(work, started) == ["db-api", "chat-api"]


async def test_results_keep_the_order_of_the_items() -> None:
    """Who finishes first does not matter."""
    last = anyio.Event()

    async def work(number: int) -> int:
        if number == 2:
            last.set()
        else:
            await last.wait()
        return number * 10

    assert await side_by_side(work, [0, 1, 2]) == [0, 10, 20]


async def test_nothing_to_do_is_done() -> None:
    """Where all images are there already, no work is started."""

    async def work(_: str) -> None:
        raise AssertionError

    assert await side_by_side(work, []) == []
