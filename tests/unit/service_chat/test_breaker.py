"""When db-api is asked, and when not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from service_chat.breaker import Breaker, State


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    """Return a breaker that has just opened."""
    found = Breaker(failures=3, pause=2.0, clock=clock)
    for _ in range(3):
        assert found.allow()
        found.failed()
    return found


def test_open_nobody_asks() -> None:
    """After so many failures in a row no question goes out until the pause is over."""
    clock = Clock()
    breaker = opened(clock)

    assert (breaker.state, breaker.times_opened) == (State.OPEN, 1)
    clock.now += 1.99
    assert not breaker.allow()


def test_half_open_one_asks() -> None:
    """One tries, and nobody else until it is known how that went."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2

    assert breaker.state == State.HALF_OPEN
    assert [breaker.allow() for _ in range(3)] == [True, False, False]


def test_a_failed_try_opens_it_anew() -> None:
    """Once is enough then, and the whole pause is waited again."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2
    assert breaker.allow()
    breaker.failed()

    assert not breaker.allow()
    clock.now += 1.99
    assert breaker.state == State.OPEN
    clock.now += 0.01
    assert breaker.allow()


def test_a_good_try_closes_it() -> None:
    """Then all may ask, and it takes as many failures as at first to open."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2
    assert breaker.allow()
    breaker.succeeded()

    assert breaker.state == State.CLOSED
    breaker.failed()
    breaker.failed()
    assert breaker.allow()
    assert breaker.allow()


def test_a_try_that_was_taken_back_lets_another_try() -> None:
    """Whoever asked may have left: that neither opens nor closes it, and blocks nobody."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2
    assert breaker.allow()
    breaker.gave_up()

    assert breaker.state == State.HALF_OPEN
    assert breaker.allow()


@pytest.mark.parametrize("good_after", [1, 2])
def test_failures_with_answers_between_open_nothing(good_after: int) -> None:
    """It counts failures in a row."""
    breaker = Breaker(failures=3)
    for _ in range(10):
        for _ in range(good_after):
            breaker.failed()
        breaker.succeeded()

    assert breaker.state == State.CLOSED
    assert breaker.times_opened == 0


def test_late_news_of_failures_moves_nothing() -> None:
    """Questions that were under way when it opened fail one by one; the pause counts from the opening."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 1
    breaker.failed()
    clock.now += 1

    assert breaker.allow()
    assert breaker.times_opened == 1
