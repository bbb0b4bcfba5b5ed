"""Evaluation of the rules on a data set: one verdict, and each question that was missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_chat.assessment import assess
from tests.unit.service_chat.served import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service_chat.assessment import Assessment

# The persona with no conditions, medicines or allergies that a rule looks for.
NOBODY_KNOWN = "P000108"


@dataclass(frozen=True)
class Outcome:
    """One question of a data set: what was expected of its assessment, whether it was so, and `why` it is hard."""

    query: str
    expected: str
    found: Assessment
    right: bool
    why: str = ""

    def __str__(self) -> str:
        names = ", ".join(finding.name for finding in self.found.findings)
        why = f" ({self.why})" if self.why else ""
        # A question may be of two thousand characters, some of them invisible.
        query = ascii(self.query if len(self.query) <= 160 else f"{self.query[:60]} … {self.query[-90:]}")
        return f"{query}{why}: expected {self.expected}, was {self.found.level.value} by {names}"


def asked(query: str, mrn: str = NOBODY_KNOWN) -> Assessment:
    """Return what the rules say to `query` about the persona `mrn`."""
    return assess(query, record(mrn))


def check(outcomes: Iterable[Outcome], *, least: int, threshold: float = 1.0) -> None:
    """Fail with all that was missed unless so many `outcomes` are there at `least` and the share of right ones is."""
    every = list(outcomes)
    missed = [outcome for outcome in every if not outcome.right]
    right = len(every) - len(missed)
    reached = f"{right} of {len(every)} are as expected, {threshold:.1%} of at least {least} must be."
    assert len(every) >= least, reached
    assert right >= threshold * len(every), "\n".join([reached, *(f"- {outcome}" for outcome in missed)])
