"""How many are asked at once, and what the others hear."""

from __future__ import annotations

import asyncio

import pytest

from service_chat.errors import Saturated
from service_chat.saturation import Slots
from service_kit import deadline

pytestmark = pytest.mark.anyio


async def hold(slots: Slots, until: asyncio.Event) -> None:
    """Hold a slot until the event."""
    async with slots.one():
        await until.wait()


async def holding(slots: Slots, until: asyncio.Event, number: int) -> list[asyncio.Task[None]]:
    """Return so many tasks that each hold a slot, or wait for one."""
    tasks = [asyncio.create_task(hold(slots, until)) for _ in range(number)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_who_finds_neither_a_slot_nor_a_place_is_told_at_once() -> None:
    """Two are served, two wait, and the fifth is to come back."""
    slots, until = Slots(2, patience=60), asyncio.Event()
    tasks = await holding(slots, until, 4)

    with pytest.raises(Saturated):
        async with slots.one():
            pytest.fail("there is none")

    assert slots.taken == 2
    until.set()
    await asyncio.gather(*tasks)
    assert slots.taken == 0


async def test_who_waits_is_served_in_turn() -> None:
    """A place is kept, and free again afterwards for as many."""
    slots = Slots(1, patience=60)
    for _ in range(3):
        until = asyncio.Event()
        tasks = await holding(slots, until, 2)
        until.set()
        await asyncio.gather(*tasks)

    async with slots.one():
        assert slots.taken == 1


async def test_nobody_waits_longer_than_it_may() -> None:
    """Its own patience and its request's deadline bound it, and its place is free again."""
    slots, until = Slots(1, patience=0.01), asyncio.Event()
    tasks = await holding(slots, until, 1)
    for seconds in (0.0, 60.0):
        with deadline.within(seconds), pytest.raises(Saturated):
            async with slots.one():
                pytest.fail("there is none")

    until.set()
    await asyncio.gather(*tasks)


async def test_a_failure_frees_the_slot() -> None:
    """Whatever ends the block ends the holding."""
    slots = Slots(1, patience=0.01)
    with pytest.raises(ZeroDivisionError):
        async with slots.one():
            raise ZeroDivisionError
    async with slots.one():
        assert slots.taken == 1
