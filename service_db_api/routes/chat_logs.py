"""Conversations: in pages, one by one, and stored."""

import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from service_db_api.errors import (
    ChatLogNotFound,
    DatabaseUnavailable,
    DuplicateConversation,
    InvalidInput,
    PatientNotFound,
)
from service_db_api.models import ChatLog, ChatLogPage, NewChatLog
from service_db_api.routes.answer import IF_NONE_MATCH, JSON, UNTAGGED, listed, one_of, page_of, record
from service_db_api.routes.audited import AuditedRoute
from service_db_api.routes.parameters import PathConversation, PatientWindow
from service_db_api.routes.writing import BadRequest, valid
from service_db_api.store.row import body, row, same
from service_db_api.store.schema import CHAT_LOGS, PATIENTS
from service_kit.limits import ContentTooLarge
from service_kit.problem import documented

if TYPE_CHECKING:
    from service_db_api.store.mongo import Store

LOCATION = {"Location": {"description": "Where the conversation is.", "schema": {"type": "string"}}}

router = APIRouter(tags=["chat-logs"], route_class=AuditedRoute)


@router.get("/chat-logs", responses=page_of(ChatLogPage, InvalidInput, DatabaseUnavailable))
async def chat_logs(request: Request, asked: Annotated[PatientWindow, Query()]) -> Response:
    """Return a page of conversations, latest start first."""
    return await listed(request, CHAT_LOGS, asked)


@router.get(
    "/chat-logs/{conversation_id}",
    responses=one_of(ChatLog, ChatLogNotFound, InvalidInput, DatabaseUnavailable),
    openapi_extra=IF_NONE_MATCH,
)
async def chat_log(request: Request, conversation_id: PathConversation) -> Response:
    """Return one conversation."""
    return await record(request, CHAT_LOGS, conversation_id, ChatLogNotFound)


@router.post(
    "/chat-logs",
    status_code=201,
    responses={
        201: {"model": ChatLog, "headers": LOCATION},
        200: {"model": ChatLog, "headers": LOCATION, "description": "It was stored before, with the same content."},
        **documented(
            BadRequest, PatientNotFound, DuplicateConversation, ContentTooLarge, InvalidInput, DatabaseUnavailable
        ),
    },
)
async def store_chat_log(request: Request, sent: NewChatLog) -> Response:
    """Store a conversation, once however often it is sent."""
    store: Store = request.state.store
    log = _whole(sent)
    request.state.patient_mrn = log.patient_mrn
    if not await store.has(PATIENTS, log.patient_mrn):
        raise PatientNotFound
    stored = row(log)
    fresh = await store.insert(CHAT_LOGS, stored)
    if not fresh:
        before = await store.one(CHAT_LOGS, log.conversation_id)
        if before is None or not same(before, stored):
            raise DuplicateConversation
    headers = {"Location": f"/chat-logs/{log.conversation_id}", "Cache-Control": UNTAGGED}
    return Response(body(stored), 201 if fresh else 200, headers, JSON)


def _whole(sent: NewChatLog) -> ChatLog:
    """Return what SENT becomes: all that is left out follows from what is there, except an id out of nothing."""
    told = [each.timestamp for each in sent.messages]
    made = {
        "conversation_id": sent.conversation_id or f"CONV-{sent.trace_id or secrets.token_hex(16)}",
        "started_at": sent.started_at or min(told),
        "ended_at": sent.ended_at or max(told),
    }
    return valid(ChatLog, {**sent.model_dump(), **made})
