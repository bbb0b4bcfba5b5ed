"""The seam between triage and whoever looks passages up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from service_chat.records import Record
    from service_chat.settings import VectorMode


class RetrievalError(Exception):
    """Nothing can be looked up at the moment; the answer does without. The message is free of the question."""


@dataclass(frozen=True)
class Passage:
    """Where a document comes nearest to a question; `score` goes from 0 to 1."""

    doc_id: str
    title: str
    text: str
    score: float


@dataclass(frozen=True)
class Retrieval:
    """What was looked up: at most `top_k` passages, the nearest first, in so many milliseconds."""

    mode: VectorMode
    top_k: int
    latency_ms: float
    passages: tuple[Passage, ...] = ()


class Retriever(Protocol):
    """Whoever looks passages up; `outside` is whether the question leaves this process for it."""

    @property
    def outside(self) -> bool: ...

    async def search(self, query: str, record: Record, k: int) -> list[Passage]:
        """Return at most K passages of the patient's own documents, the nearest to QUERY first."""
        ...
