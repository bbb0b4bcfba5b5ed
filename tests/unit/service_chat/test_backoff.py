"""Pauses between attempts."""

from __future__ import annotations

from random import Random

import pytest

from service_chat.backoff import delays


@pytest.mark.parametrize("attempts", [1, 2, 7])
def test_one_pause_fewer_than_attempts(attempts: int) -> None:
    """A last failure is reported at once; nobody waits after it."""
    pauses = list(delays(attempts, base=0.1, cap=1.0, rng=Random(7)))  # noqa: S311 - nothing is secret here

    assert len(pauses) == attempts - 1


def test_pauses_are_spread_below_a_doubling_ceiling() -> None:
    """Callers that failed together come back apart, later each time, and never later than the cap."""
    many = [list(delays(6, base=0.1, cap=1.0, rng=Random(seed))) for seed in range(200)]  # noqa: S311 - see above

    for column, ceiling in zip(zip(*many, strict=True), (0.1, 0.2, 0.4, 0.8, 1.0), strict=True):
        assert 0 <= min(column) < ceiling * 0.1
        assert ceiling * 0.9 < max(column) <= ceiling
