"""Cases for responders, and a responder that says what it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service_chat.assessment import assess
from service_chat.responders.base import Case, Reply
from tests.unit.service_chat.served import record

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from service_chat.retrievers.base import Passage


def case(mrn: str, query: str, passages: tuple[Passage, ...] = ()) -> Case:
    """Return the case that QUERY about MRN makes."""
    return Case(query, record(mrn), assess(query, record(mrn)), passages)


@dataclass
class Saying:
    """A model that says `pieces`, then raises `error` if there is one; `heard` is what it was asked."""

    pieces: tuple[str, ...] = ()
    error: Exception | None = None
    heard: list[Case] = field(default_factory=list)
    model: str = "said-1"
    outside: bool = True
    closed: bool = False

    async def respond(self, case: Case) -> Reply:
        self.heard.append(case)
        if self.error is not None:
            raise self.error
        return Reply("".join(self.pieces))

    async def stream(self, case: Case) -> AsyncGenerator[str]:
        self.heard.append(case)
        try:
            for each in self.pieces:
                yield each
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True
