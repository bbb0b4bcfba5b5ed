"""
The steps from a question to an answer.

The rules decide how urgent it is before anybody words an answer, and nothing
that is worded changes that. What a model says is told only as far as it passes
the check; in an emergency the rules' own words come first, and stand alone when
the model fails.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from service_chat.answer import RULES, Answer, Assessed, Delta, Known, Question
from service_chat.asked import Asked
from service_chat.assessment import assess
from service_chat.responders.base import Case
from service_chat.retrievers.base import Retrieval, RetrievalError
from service_chat.speech import Speech
from service_kit import scrub, trace
from service_kit.spans import Span

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from service_chat.assessment import Assessment
    from service_chat.counts import Counts
    from service_chat.db_api import DbApi
    from service_chat.records import Record
    from service_chat.responders.base import Responder
    from service_chat.retrievers.base import Retriever
    from service_chat.saturation import Slots
    from service_chat.settings import LlmMode, VectorMode
    from service_chat.turns import Turns

__all__ = ["Answer", "Question", "Triage"]

Told = Assessed | Delta | Answer


@dataclass(frozen=True)
class Triage:
    """
    Answers questions.

    The record comes from DB_API, at most TOP_K passages from RETRIEVER, the
    words from RESPONDER while it has a slot of SLOTS. Each turn is noted in
    TURNS unless that is None.
    """

    db_api: DbApi
    responder: Responder
    mode: LlmMode
    retriever: Retriever
    vector_mode: VectorMode
    top_k: int
    slots: Slots
    turns: Turns | None = None
    counts: Counts | None = None
    mask: Callable[[str], str] = field(default_factory=lambda: scrub.Scrubber().text)

    async def answer(self, question: Question) -> Answer:
        """Return the answer to QUESTION; raise a Problem of service_chat.errors."""
        asked = await self.ask(question)
        with asked.noted():
            speech = self._speech(asked)
            return self._answered(asked, speech, await speech.whole())

    async def ask(self, question: Question) -> Asked:
        """
        Return QUESTION with all that is needed to word an answer.

        Raises PatientNotFound, DbApiUnavailable or DeadlineExceeded.
        """
        asked = Asked(question, self.turns, self.responder.model)
        with asked.noted():
            with Span("db_api", leads=True):
                record = await self.db_api.record(question.patient_mrn)
            with Span("rules"):
                assessment = assess(question.query, record)
            asked.retrieval = await self._retrieval(question.query, record, assessment)
            asked.case = self._case(asked, record, assessment)
            # From here on only: in what goes outside, the question must not mask itself.
            scrub.know(question.query)
        return asked

    async def tell(self, asked: Asked) -> AsyncGenerator[Told]:
        """Yield what the rules say, then words as they come, then the whole answer; raise LlmError or LlmTimeout."""
        with asked.noted():
            speech = self._speech(asked)
            assessment = speech.case.assessment
            yield Assessed(
                trace_id=trace.current_id(),
                urgency=assessment.level,
                next_step=assessment.next_step,
                matched_rules=[each.name for each in assessment.findings],
                facts=[Known.model_validate(each) for each in assessment.facts],
            )
            async with contextlib.aclosing(speech.parts()) as parts:
                async for text in parts:
                    yield Delta(text=text)
            answer = self._answered(asked, speech, speech.said)
        yield answer

    def _speech(self, asked: Asked) -> Speech:
        assert asked.case is not None  # noqa: S101 - `ask` has set it
        return Speech(asked.case, self.responder, self.slots, self.counts)

    async def _retrieval(self, query: str, record: Record, assessment: Assessment) -> Retrieval:
        topic = assessment.topic
        nothing = Retrieval(self.vector_mode, self.top_k, 0.0)
        if topic is None:
            return nothing
        sought = f"{query} {topic}".strip()
        started = time.perf_counter()
        try:
            with Span("retrieval"):
                found = await self.retriever.search(
                    self.mask(sought) if self.retriever.outside else sought, record, self.top_k
                )
        except RetrievalError as error:
            structlog.get_logger().warning("retrieval_failed", reason=str(error))
            found = []
        return replace(nothing, latency_ms=_since(started), passages=tuple(found))

    def _case(self, asked: Asked, record: Record, assessment: Assessment) -> Case:
        """Return what the responder is given: free of names when it leaves this process."""
        passages = asked.retrieval.passages if asked.retrieval else ()
        if not self.responder.outside:
            return Case(asked.question.query, record, assessment, passages)
        masked = tuple(replace(each, title=self.mask(each.title), text=self.mask(each.text)) for each in passages)
        return Case(self.mask(asked.question.query), record, assessment, masked)

    def _answered(self, asked: Asked, speech: Speech, response: str) -> Answer:
        """Return the answer with RESPONSE, counted and noted."""
        assessment = speech.case.assessment
        retrieval = asked.retrieval
        assert retrieval is not None  # noqa: S101 - `ask` has set it
        answer = Answer.model_validate(
            {
                "trace_id": trace.current_id(),
                "patient_mrn": asked.question.patient_mrn,
                "query": asked.question.query,
                "llm_mode": self.mode,
                "worded_by": self.mode.value if speech.by_model else RULES,
                "response": response,
                "urgency": assessment.level,
                "next_step": assessment.next_step,
                "matched_rules": [each.name for each in assessment.findings],
                "facts": assessment.facts,
                "citations": retrieval.passages,
                "retrieval": retrieval,
                "conversation_id": asked.conversation_id,
                "inference_time_ms": round(speech.seconds * 1000, 3),
            }
        )
        if self.counts is not None:
            self.counts.answered(assessment.level)
        asked.note(answer=answer)
        return answer


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
