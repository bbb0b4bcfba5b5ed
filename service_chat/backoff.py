"""How long to wait before what failed is tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random


def delays(attempts: int, *, base: float, cap: float, rng: Random) -> Iterator[float]:
    """
    Yield the pause before each retry, in seconds; one fewer than ATTEMPTS.

    Each is drawn from zero up to a ceiling, which doubles from BASE to CAP:
    callers that failed together do not come back together.
    """
    for retry in range(attempts - 1):
        yield rng.uniform(0, min(cap, base * 2**retry))
