"""A switch before a service that fails: while it is open nobody waits for what will not come."""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

# In a row; one answer in between starts the count anew.
FAILURES = 5
# Seconds, and what Retry-After says.
PAUSE = 2.0


class State(IntEnum):
    """As the metrics show it."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """
    Opens after so many FAILURES in a row; after PAUSE seconds one question at a time tries whether it may close.

    Whoever was allowed to ask says afterwards how it went. CLOCK tells seconds.
    """

    def __init__(
        self, failures: int = FAILURES, pause: float = PAUSE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._opened = 0.0
        self._open = False
        self._trying = False
        self.times_opened = 0

    @property
    def state(self) -> State:
        """Whether one may ask."""
        if not self._open:
            return State.CLOSED
        return State.OPEN if self._clock() < self._opened + self._pause else State.HALF_OPEN

    def allow(self) -> bool:
        """Return whether to ask now; half-open, whoever is allowed to is the only one until it is told how it went."""
        if not self._open:
            return True
        if self._trying or self.state is State.OPEN:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        """Note that an answer came, whatever it said."""
        if self._open:
            structlog.get_logger().info("breaker_closed")
        self._failed = 0
        self._open = self._trying = False

    def failed(self) -> None:
        """Note that none came."""
        self._failed += 1
        # What was asked before it opened may fail long after: that is no news, and moves nothing.
        if self._trying or (not self._open and self._failed >= self._failures):
            if not self._open:
                structlog.get_logger().warning("breaker_opened", failures=self._failed)
                self.times_opened += 1
            self._open = True
            self._trying = False
            self._opened = self._clock()

    def gave_up(self) -> None:
        """Note that the question was taken back before anything could be learned."""
        self._trying = False
