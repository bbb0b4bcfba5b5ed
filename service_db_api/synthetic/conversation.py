"""A conversation that somebody had about their record, and the record of its having been had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from service_db_api.synthetic.draw import identity
from service_db_api.synthetic.pools import pools
from service_db_api.synthetic.prose import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_db_api.store.row import Row
    from service_db_api.synthetic.person import Person
    from service_db_api.synthetic.pools import Question
    from service_db_api.synthetic.treatment import Treatment
    from service_db_api.synthetic.visit import Visit

SHARE = 0.06
MODEL = "mock"
TOP = 3
NOT_ADVICE = "This is synthetic data and not medical advice; in an emergency call your local emergency number."


@dataclass(frozen=True)
class Conversation:
    """The rows of one conversation and of what was noted about it."""

    chat_log: Row
    audit_log: Row


def conversation(
    person: Person, treatment: Treatment, visits: Sequence[Visit], documents: Sequence[Row]
) -> Conversation | None:
    """Return the conversation of PERSON in the week before as-of, or None for the many who had none."""
    draw = person.draw("conversation")
    if not draw.chance(SHARE):
        return None
    question = draw.one(pools().questions)
    day = person.as_of - timedelta(days=draw.between(1, 6))
    started = datetime.combine(day, time(draw.between(6, 21), draw.between(0, 59), draw.between(0, 58)), UTC)
    thought, looked_up, searched = (float(draw.between(*each)) for each in ((12, 90), (3, 30), (2, 15)))
    ended = started + timedelta(milliseconds=thought + looked_up + searched)
    trace = identity(person.seed, person.number, person.as_of.isoformat(), "trace")
    # Newest first, as the search ranks notes that fit alike.
    results = [
        {"doc_id": each["doc_id"], "score": (90 - 12 * place) / 100}
        for place, each in enumerate(
            sorted(documents, key=lambda each: each["metadata"]["created_at"])[: -TOP - 1 : -1]
        )
    ]
    chat_log = {
        "conversation_id": f"CONV-{identity(person.seed, person.number, person.as_of.isoformat(), 'conversation')}",
        "patient_mrn": person.mrn,
        "channel": draw.one(("api", "web")),
        "started_at": started,
        "ended_at": ended,
        "messages": [
            _message("user", question.text, started, None),
            _message("assistant", _answer(question, person, treatment, visits), ended, thought),
        ],
        "retrieval_events": [
            _looked_up(looked_up),
            _searched(question.text, searched, results),
        ],
        "trace_id": trace,
        "urgency": question.urgency,
        "llm_mode": MODEL,
        "status": "ok",
    }
    return Conversation(chat_log, _audit_log(person, question, trace, ended, int(thought + looked_up + searched)))


def _message(role: str, content: str, at: datetime, took: float | None) -> Row:
    model = MODEL if role == "assistant" else None
    return {"role": role, "content": content, "timestamp": at, "model_name": model, "latency_ms": took}


def _looked_up(took: float) -> Row:
    return {
        "step_id": 1,
        "query_type": "db_query",
        "query": "patient summary",
        "endpoint": "/patients/{mrn}/summary",
        "top_k": None,
        "latency_ms": took,
        "record_count": 1,
        "results": [],
    }


def _searched(query: str, took: float, results: list[Row]) -> Row:
    return {
        "step_id": 2,
        "query_type": "fts",
        "query": query,
        "endpoint": None,
        "top_k": TOP,
        "latency_ms": took,
        "record_count": len(results),
        "results": results,
    }


def _answer(question: Question, person: Person, treatment: Treatment, visits: Sequence[Visit]) -> str:
    if question.topic == "medicines":
        current = [f"{each.drug.name} ({each.drug.sig})" for each in treatment.on(person.as_of)]
        said = f"Your record lists: {'; '.join(current)}." if current else "Your record lists no current medicine."
    elif question.topic == "visit":
        last = visits[-1]
        added = ", ".join(each.drug.name for each in treatment.added(last))
        outcome = f"Added then: {added}." if added else "No medicine was added."
        said = f"Your last visit was on {day_of(last.day)}. {outcome}"
    else:
        said = "Appointments are moved through the portal or by a call to the clinic during office hours."
    return f"{said} {NOT_ADVICE}"


def _audit_log(person: Person, question: Question, trace: str, at: datetime, took: int) -> Row:
    return {
        "event_id": f"EVT-{identity(person.seed, person.number, person.as_of.isoformat(), 'event')}",
        "event_type": "triage_inference",
        "actor_type": "service",
        "actor_id": "chat-api",
        "patient_mrn": person.mrn,
        "model_name": MODEL,
        "request_id": trace,
        "created_at": at,
        "input_summary": f"query of {len(question.text)} characters",
        "output_summary": f"urgency {question.urgency}",
        "latency_ms": took,
        "status": "success",
    }
