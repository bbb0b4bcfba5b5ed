"""What a person said about a run's changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci.stages.guard import Ask


@dataclass(frozen=True)
class Wishes:
    """
    What a person said about this run's changes.

    `approved` is the hash of the plan that was approved, or empty;
    `allow_destroy` names, by address, what may be destroyed although it holds
    data, and `ask` is how to ask for more. `auto_rollback`: a release that does
    not answer rightly gives way to the one before.
    """

    approved: str = ""
    allow_destroy: tuple[str, ...] = ()
    auto_rollback: bool = False
    ask: Ask | None = None
