"""One question and what became of it, as it is noted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from service_chat.answer import Answer, Question
    from service_chat.retrievers.base import Retrieval


def new_conversation() -> str:
    """Return an id that tells nothing of whose conversation it is."""
    return f"CONV-{uuid.uuid4().hex}"


@dataclass(frozen=True)
class Turn:
    """
    A question and what became of it: an `answer`, or the code of an `error`.

    Without a `conversation_id` nothing of what was said is kept.
    """

    question: Question
    started: datetime
    ended: datetime
    trace_id: str
    conversation_id: str | None = None
    answer: Answer | None = None
    error: str | None = None
    retrieval: Retrieval | None = None
    model_name: str | None = None
    event_id: str = field(default_factory=lambda: f"EVT-{uuid.uuid4().hex}")
