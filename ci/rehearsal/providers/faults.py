"""Troubles that a stand-in makes on request, so that they can be met before a real provider makes them."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from ci.errors import UsageError
from ci.rehearsal.providers.schema import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ANY_TYPE = ""


@dataclass(frozen=True)
class Faults:
    """
    Resource types that take time to apply, types whose apply fails, and types that somebody else has removed.

    `delays` are in seconds; the one of ANY_TYPE is for every type not named.
    """

    delays: Mapping[str, float] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, delays: Iterable[str], failing: Iterable[str], gone: Iterable[str] = ()) -> Self:
        """
        Return the faults that DELAYS, each `SECONDS` or `SECONDS:TYPE`, and FAILING and GONE types tell.

        Raises UsageError when SECONDS is no time, or when no stand-in knows a type.
        """
        pairs = [each.partition(":") for each in delays]
        faults = cls({kind: _seconds(text) for text, _, kind in pairs}, frozenset(failing), frozenset(gone))
        _refuse_unknown({*faults.delays, *faults.failing, *faults.gone} - {ANY_TYPE})
        for option, types in (("--fail", faults.failing), ("--gone", faults.gone)):
            if ANY_TYPE in types:
                title = f"{option} takes a resource type."
                raise UsageError(title, code="type_unknown", hint=f"Such as: {option} aws_eks_node_group")
        return faults

    def delay(self, resource_type: str) -> float:
        return self.delays.get(resource_type, self.delays.get(ANY_TYPE, 0.0))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds < 0:
        title = f"--delay takes SECONDS or SECONDS:TYPE, and {text!r} is no number of seconds."
        raise UsageError(title, code="delay_invalid", hint="Such as: --delay 20:aws_eks_cluster")
    return seconds


def _refuse_unknown(types: Iterable[str]) -> None:
    wanted = sorted(types)
    known = {name for each in load() for name in each.resources} if wanted else set()
    for name in wanted:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1) or ["aws_eks_cluster"]
            title = f"No stand-in knows the resource type {name!r}."
            raise UsageError(title, code="type_unknown", hint=f"Such as: {close[0]}")
