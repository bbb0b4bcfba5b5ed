"""Triage over HTTP."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from service_chat.answer import Answer, Assessed, Delta, Question
from service_chat.asked import Asked
from service_chat.errors import (
    BadRequest,
    ContentTooLarge,
    DbApiUnavailable,
    DeadlineExceeded,
    InvalidInput,
    LlmError,
    LlmTimeout,
    PatientNotFound,
    Saturated,
)
from service_chat.routes.state import OpenTriage
from service_kit import problem
from service_kit.problem import Problem, documented

router = APIRouter(tags=["triage"])
PROBLEMS = documented(
    *(BadRequest, PatientNotFound, ContentTooLarge, InvalidInput, Saturated),
    *(LlmError, DbApiUnavailable, LlmTimeout, DeadlineExceeded),
)
NAMES: dict[type, str] = {Assessed: "assessment", Delta: "delta", Answer: "answer"}
# Neither an answer to somebody's question nor anything of it belongs in a cache.
NO_STORE = "no-store"
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": (
            "Events: `assessment` with what the rules say, `delta` with words as they come, `answer` with the whole "
            "answer, whose `response` replaces all that came before it. A `problem` ends the stream instead when the "
            "model fails on the way."
        )
    }
}


@router.post("/triage", responses=PROBLEMS)
async def triage(asked: OpenTriage, question: Question, request: Request, response: Response) -> Answer:
    """Return how urgent a patient's question is, what to do next, and what of the record the answer rests on."""
    request.state.patient_mrn = question.patient_mrn
    response.headers["Cache-Control"] = NO_STORE
    return await asked.answer(question)


async def _asked(triage: OpenTriage, question: Question, request: Request) -> Asked:
    """Read the record while the status of the answer is still open."""
    request.state.patient_mrn = question.patient_mrn
    return await triage.ask(question)


@router.post("/triage/stream", response_class=EventSourceResponse, responses=PROBLEMS | EVENTS)
async def stream(triage: OpenTriage, asked: Annotated[Asked, Depends(_asked)]) -> AsyncIterator[ServerSentEvent]:
    """Return the same answer as events, the rules' part before anything is worded."""
    try:
        async with contextlib.aclosing(triage.tell(asked)) as parts:
            async for part in parts:
                yield ServerSentEvent(event=NAMES[type(part)], data=part)
    except Problem as error:
        body = problem.body(error.status, error.code, error.detail, error.extensions)
        yield ServerSentEvent(event="problem", raw_data=body.decode())
