"""Audit records: found by request, and taken from other services."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from service_db_api.errors import DatabaseUnavailable, DuplicateEvent, InvalidInput
from service_db_api.models import AuditLog, AuditLogPage
from service_db_api.routes.answer import JSON, UNTAGGED, listed, page_of
from service_db_api.routes.body import StrictRoute
from service_db_api.routes.parameters import EventWindow
from service_db_api.routes.writing import BadRequest
from service_db_api.store.row import body, row, same
from service_db_api.store.schema import AUDIT_LOGS
from service_kit.limits import ContentTooLarge
from service_kit.problem import documented

if TYPE_CHECKING:
    from service_db_api.store.mongo import Store

# Audit records show no record of a patient's, so reading them is not an event of its own.
router = APIRouter(tags=["audit-logs"], route_class=StrictRoute)


@router.get("/audit-logs", responses=page_of(AuditLogPage, InvalidInput, DatabaseUnavailable))
async def audit_logs(request: Request, asked: Annotated[EventWindow, Query()]) -> Response:
    """Return a page of events, newest first; what was just asked may take a second to appear."""
    return await listed(request, AUDIT_LOGS, asked)


@router.post(
    "/audit-logs",
    status_code=201,
    responses={
        201: {"model": AuditLog},
        200: {"model": AuditLog, "description": "It was stored before, with the same content."},
        **documented(BadRequest, DuplicateEvent, ContentTooLarge, InvalidInput, DatabaseUnavailable),
    },
)
async def store_audit_log(request: Request, sent: AuditLog) -> Response:
    """Store an event of another service, once however often it is sent."""
    store: Store = request.state.store
    stored = row(sent)
    fresh = await store.insert(AUDIT_LOGS, stored)
    if not fresh:
        before = await store.one(AUDIT_LOGS, sent.event_id)
        if before is None or not same(before, stored):
            raise DuplicateEvent
    return Response(body(stored), 201 if fresh else 200, {"Cache-Control": UNTAGGED}, JSON)
