"""chat-api with a fault of its own: whatever is asked, an error quotes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from service_chat import main
from service_chat.triage import Triage

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service_chat.triage import Question


async def answer(triage: Triage, question: Question) -> NoReturn:
    """Fail with all there is to know."""
    content = await triage.db_api._read(f"/patients/{question.patient_mrn}/summary")
    raise RuntimeError(question.query, content.text)


def __getattr__(name: str) -> FastAPI:
    Triage.answer = answer  # type: ignore[method-assign, assignment] # the fault
    found: FastAPI = getattr(main, name)
    return found
