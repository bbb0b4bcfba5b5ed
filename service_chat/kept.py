"""A turn as db-api keeps it: a chat log with what was said, and an audit record without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from service_chat.errors import MODEL_ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_chat.turn import Turn

ACTOR = "chat-api"
MAX_CONTENT, MAX_QUERY, MAX_GIST, MAX_RESULTS = 8000, 2000, 500, 50
# db-api refuses what no text is made of; a turn is not lost over it.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
OUTCOME = re.compile(r"[a-z_]{1,64}")


def together(told: Sequence[bytes]) -> bytes:
    """Return what asks db-api to keep the turns that are TOLD."""
    return b'{"turns":[%b]}' % b",".join(told)


def outcomes(answer: bytes, number: int) -> list[str]:
    """Return what ANSWER says became of so many turns; raise ValueError when it does not say that of each."""
    found = orjson.loads(answer)
    each = found.get("outcomes") if isinstance(found, dict) else None
    if not isinstance(each, list) or len(each) != number:
        message = "not as many outcomes as turns"
        raise ValueError(message)
    if not all(isinstance(one, str) and OUTCOME.fullmatch(one) for one in each):
        message = "an outcome that is none"
        raise ValueError(message)
    return each


def told(turn: Turn) -> bytes:
    """Return TURN as db-api takes it: with a chat log where there is a patient's conversation in it."""
    return orjson.dumps({"chat_log": _chat_log(turn), "audit_log": _audit_log(turn)}, option=orjson.OPT_UTC_Z)


def _chat_log(turn: Turn) -> dict[str, Any] | None:
    if turn.conversation_id is None or not (turn.answer or turn.error in MODEL_ERRORS):
        return None
    question = {"role": "user", "content": _text(turn.question.query, MAX_CONTENT), "timestamp": turn.started}
    body: dict[str, Any] = {
        "conversation_id": turn.conversation_id,
        "patient_mrn": turn.question.patient_mrn,
        "started_at": turn.started,
        "ended_at": max(turn.started, turn.ended),
        "messages": [question],
        "retrieval_events": _retrieval(turn),
        "trace_id": turn.trace_id,
        "status": "ok" if turn.answer else "llm_error",
    }
    if turn.answer is not None:
        body |= {"urgency": turn.answer.urgency, "llm_mode": turn.answer.llm_mode}
        answer = {
            "role": "assistant",
            "content": _text(turn.answer.response, MAX_CONTENT),
            "timestamp": turn.ended,
            "model_name": _label(turn.model_name),
            "latency_ms": float(turn.answer.inference_time_ms),
        }
        if answer["content"]:
            body["messages"].append(answer)
    return body


def _audit_log(turn: Turn) -> dict[str, Any]:
    """Return lengths, levels and names of rules."""
    outcome = f"error {turn.error}"
    if turn.answer is not None:
        outcome = f"{turn.answer.urgency}: {', '.join(turn.answer.matched_rules)}"
    return {
        "event_id": turn.event_id,
        "event_type": "triage_inference",
        "actor_id": ACTOR,
        "patient_mrn": turn.question.patient_mrn,
        "model_name": _label(turn.model_name),
        "request_id": turn.trace_id,
        "created_at": turn.ended,
        "input_summary": f"{len(turn.question.query)} characters",
        "output_summary": _text(outcome, MAX_GIST),
        "latency_ms": max(0, int((turn.ended - turn.started).total_seconds() * 1000)),
        "status": "success" if turn.answer else "error",
    }


def _retrieval(turn: Turn) -> list[dict[str, Any]]:
    found = turn.retrieval
    if found is None:
        return []
    results = [
        {"doc_id": each.doc_id, "score": min(1.0, max(0.0, float(each.score)))} for each in found.passages[:MAX_RESULTS]
    ]
    return [
        {
            "step_id": 1,
            "query_type": "vector",
            "query": _text(turn.question.query, MAX_QUERY),
            "top_k": found.top_k,
            "latency_ms": float(found.latency_ms),
            "record_count": len(results),
            "results": results,
        }
    ]


def _text(text: str, longest: int) -> str:
    return UNPRINTABLE.sub("\ufffd", text)[:longest]


def _label(name: str | None) -> str | None:
    return name if name and LABEL.fullmatch(name) else None
