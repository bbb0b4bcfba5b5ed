"""The steps from a question to an answer."""

import time
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service_chat.assessment import assess
from service_chat.db_api import DbApi
from service_chat.responders.base import Case, Responder
from service_chat.settings import LlmMode
from service_chat.urgency import Urgency
from service_kit import trace

MAX_QUERY = 2000
DISCLAIMER = (
    "This is a demonstration on synthetic data and not medical advice. "
    "In an emergency call your local emergency number."
)


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    patient_mrn: Annotated[str, Field(pattern=r"^P[0-9]{6}$", examples=["P000102"])]
    query: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY),
        Field(examples=["I slipped and hit my head, there is a bump but I feel fine."]),
    ]


class Cited(BaseModel):
    """A document of the patient's that the answer rests on; `score` goes from 0 to 1."""

    model_config = ConfigDict(from_attributes=True)

    doc_id: str
    title: str
    score: float


class Answer(BaseModel):
    """`inference_time_ms` is the wall time of wording the answer, and of nothing else."""

    trace_id: str
    patient_mrn: str
    query: str
    llm_mode: LlmMode
    response: str
    urgency: Urgency
    next_step: str
    matched_rules: list[str]
    citations: list[Cited]
    disclaimer: str = DISCLAIMER
    inference_time_ms: float


@dataclass(frozen=True)
class Triage:
    """Answers questions with the record from DB_API and the words of RESPONDER."""

    db_api: DbApi
    responder: Responder
    mode: LlmMode

    async def answer(self, question: Question) -> Answer:
        """Return the answer to QUESTION; raise PatientNotFound or DbApiUnavailable."""
        record = await self.db_api.record(question.patient_mrn)
        assessment = assess(question.query, record)
        started = time.perf_counter()
        reply = await self.responder.respond(Case(question.query, record, assessment))
        elapsed = (time.perf_counter() - started) * 1000
        return Answer(
            trace_id=trace.current_id(),
            patient_mrn=question.patient_mrn,
            query=question.query,
            llm_mode=self.mode,
            response=reply.text,
            urgency=assessment.leading.level,
            next_step=assessment.next_step,
            matched_rules=[each.name for each in assessment.findings],
            citations=[Cited.model_validate(each) for each in assessment.citations],
            inference_time_ms=round(elapsed, 3),
        )
