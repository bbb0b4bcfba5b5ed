"""One row of the triage tables: what is heard, what the record must hold, what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service_chat.facts import Look
    from service_chat.urgency import Urgency

Patterns = tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """
    A rule matches when any of `heard` or `fixed` occurs in the question, and any of `also` where there are such.

    A pattern of `heard` that is only negated or past counts for less, one of
    `fixed` never does. `needs` must find something in the record, `looks` may:
    both end up in the answer. `alone` keeps everything else out of it.
    """

    name: str
    level: Urgency
    what: str
    next_step: str
    says: str = ""
    heard: Patterns = ()
    fixed: Patterns = ()
    also: Patterns = ()
    needs: Look | None = None
    looks: tuple[Look, ...] = ()
    empty: str = ""
    alone: bool = False
