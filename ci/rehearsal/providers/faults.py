"""Troubles that a stand-in makes on request, so that they can be met before a real provider makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ANY_TYPE = ""


@dataclass(frozen=True)
class Faults:
    """
    Resource types that take time to apply, and types whose apply fails.

    `delays` are in seconds; the one of ANY_TYPE is for every type not named.
    """

    delays: Mapping[str, float] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, delays: Iterable[str], failing: Iterable[str]) -> Self:
        """
        Return the faults that DELAYS, each `SECONDS` or `SECONDS:TYPE`, and FAILING types tell.

        Raises ValueError when SECONDS is not a number.
        """
        pairs = (each.partition(":") for each in delays)
        return cls({kind: float(seconds) for seconds, _, kind in pairs}, frozenset(failing))

    def delay(self, resource_type: str) -> float:
        return self.delays.get(resource_type, self.delays.get(ANY_TYPE, 0.0))
