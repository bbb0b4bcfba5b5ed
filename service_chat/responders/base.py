"""The seam between triage and whoever words its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from service_chat.assessment import Assessment
    from service_chat.records import Record


@dataclass(frozen=True)
class Case:
    """A question with the record it is about and what the rules make of both."""

    query: str
    record: Record
    assessment: Assessment


@dataclass(frozen=True)
class Reply:
    """The words of an answer; how urgent it is, the rules decide."""

    text: str


class Responder(Protocol):
    """Whoever words answers."""

    async def respond(self, case: Case) -> Reply:
        """Return the words for CASE."""
        ...
