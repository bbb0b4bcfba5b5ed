"""The seam between triage and whoever words its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from service_chat.assessment import Assessment
    from service_chat.records import Record
    from service_chat.retrievers.base import Passage


@dataclass(frozen=True)
class Case:
    """A question with the record it is about, what the rules make of both, and passages that touch on it."""

    query: str
    record: Record
    assessment: Assessment
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Reply:
    """The words of an answer; how urgent it is, the rules decide."""

    text: str


class Responder(Protocol):
    """
    Whoever words answers.

    `model` is who that is, in logs that are kept. `outside` is whether a case
    leaves this process for it, so that nothing in it may name the patient.
    """

    @property
    def model(self) -> str: ...

    @property
    def outside(self) -> bool: ...

    async def respond(self, case: Case) -> Reply:
        """Return the words for CASE; raise LlmError or LlmTimeout."""
        ...

    def stream(self, case: Case) -> AsyncGenerator[str]:
        """Yield the words for CASE as they come; raise LlmError or LlmTimeout."""
        ...
