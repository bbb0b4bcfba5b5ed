"""Chance that comes out the same everywhere."""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Draw:
    """
    A sequence of drawn values that depends on KEY alone.

    Of Python's generator only `random()` is used, the one method whose sequence
    is promised to stay as it is between versions. Draws of different keys have
    nothing to do with each other, so a patient stays who they are whatever is
    drawn for others.
    """

    def __init__(self, *key: int | str) -> None:
        text = "/".join(str(each) for each in key)
        self._next = Random(int.from_bytes(hashlib.sha256(text.encode()).digest())).random  # noqa: S311 - no secret

    def chance(self, share: float) -> bool:
        """Return True in SHARE of all cases, a share of one."""
        return self._next() < share

    def between(self, low: int, high: int) -> int:
        """Return a whole number from LOW to HIGH, both included."""
        return low + int(self._next() * (high - low + 1))

    def within(self, span: tuple[float, float], places: int) -> float:
        """Return a number in SPAN with so many decimal PLACES."""
        scale = float(10**places)
        return self.between(round(span[0] * scale), round(span[1] * scale)) / scale

    def one(self, choices: Sequence[T]) -> T:
        """Return one of CHOICES, each as likely as the others."""
        return choices[int(self._next() * len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[int]) -> T:
        """Return one of CHOICES; WEIGHTS say how likely each is."""
        place = self.between(1, sum(weights))
        for choice, weight in zip(choices, weights, strict=True):
            place -= weight
            if place <= 0:
                return choice
        raise ValueError(weights)

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Return COUNT of CHOICES, or all when there are fewer, in their own order."""
        left = list(range(len(choices)))
        taken = [left.pop(int(self._next() * len(left))) for _ in range(min(count, len(choices)))]
        return [choices[place] for place in sorted(taken)]


def identity(*key: int | str) -> str:
    """Return 32 hexadecimal digits that depend on KEY alone."""
    return hashlib.sha256("/".join(str(each) for each in key).encode()).hexdigest()[:32]
