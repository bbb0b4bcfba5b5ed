"""Triage over HTTP."""

from fastapi import APIRouter

from service_chat.errors import DbApiUnavailable, InvalidInput, PatientNotFound
from service_chat.routes.state import OpenTriage
from service_chat.triage import Answer, Question
from service_kit.problem import documented

router = APIRouter(tags=["triage"])


@router.post("/triage", responses=documented(PatientNotFound, InvalidInput, DbApiUnavailable))
async def triage(asked: OpenTriage, question: Question) -> Answer:
    """Return how urgent a patient's question is, what to do next, and what of the record the answer rests on."""
    return await asked.answer(question)
