"""A question on its way to an answer, of which a turn is kept however it ends."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from service_chat.answer import RULES
from service_chat.errors import MODEL_ERRORS
from service_chat.turn import Turn, new_conversation
from service_kit import trace
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_chat.answer import Answer, Question
    from service_chat.responders.base import Case
    from service_chat.retrievers.base import Retrieval
    from service_chat.turns import Turns


@dataclass
class Asked:
    """
    A question on its way: what was found so far, and under which id it is kept.

    Its turn is noted in TURNS, unless that is None; MODEL is who may be asked to word the answer.
    """

    question: Question
    turns: Turns | None
    model: str | None
    case: Case | None = None
    retrieval: Retrieval | None = None

    def __post_init__(self) -> None:
        self.started = datetime.now(UTC)
        self.conversation_id = new_conversation() if self.turns is not None else None

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Note the turn as failed when the block fails, or nobody waits for its answer any more."""
        try:
            yield
        except Problem as error:
            self.note(error=error.code)
            raise
        except Exception:
            self.note(error=Problem.code)
            raise
        except BaseException:
            self.note(error="abandoned")
            raise

    @staticmethod
    def _by_model(answer: Answer | None, error: str | None) -> bool:
        """Return whether a model has its part in this end: by words that were told, or by failing."""
        return error in MODEL_ERRORS if answer is None else answer.worded_by != RULES

    def note(self, *, answer: Answer | None = None, error: str | None = None) -> None:
        """Note the turn, with its ANSWER or the code of an ERROR."""
        if self.turns is None:
            return
        self.turns.note(
            Turn(
                question=self.question,
                started=self.started,
                ended=datetime.now(UTC),
                trace_id=trace.current_id(),
                conversation_id=self.conversation_id,
                answer=answer,
                error=error,
                retrieval=self.retrieval,
                model_name=self.model if self._by_model(answer, error) else None,
            )
        )
