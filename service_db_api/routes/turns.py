"""Turns of a chat, many at a time: each a conversation, and the event that tells of it."""

import asyncio
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service_db_api.errors import DatabaseUnavailable, InvalidInput
from service_db_api.models import AuditLog, NewChatLog, examples
from service_db_api.routes.answer import JSON, UNTAGGED
from service_db_api.routes.body import StrictRoute
from service_db_api.routes.chat_logs import _whole
from service_db_api.routes.writing import BadRequest
from service_db_api.store.row import body, row, same
from service_db_api.store.schema import AUDIT_LOGS, CHAT_LOGS, PATIENTS
from service_kit.limits import ContentTooLarge
from service_kit.problem import documented

if TYPE_CHECKING:
    from service_db_api.audit import AuditWriter
    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row
    from service_db_api.store.schema import Collection

MOST = 100
PATH = "/turns"
EXAMPLE: dict[str, Any] = {"turns": [{"chat_log": examples.NEW_CHAT_LOG, "audit_log": examples.AUDIT_LOG}]}

router = APIRouter(tags=["chat-logs"], route_class=StrictRoute)


class Turn(BaseModel):
    """Without a `chat_log` it was nobody's conversation."""

    model_config = ConfigDict(extra="forbid")

    chat_log: NewChatLog | None = None
    audit_log: AuditLog


class NewTurns(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    turns: Annotated[list[Turn], Field(min_length=1, max_length=MOST)]


class KeptTurns(BaseModel):
    """What became of each turn, in their order; `stored` is what was stored before, with the same content, too."""

    outcomes: list[Literal["stored", "patient_not_found", "duplicate_conversation", "duplicate_event"]]


@router.post(
    PATH,
    responses={
        200: {"model": KeptTurns},
        **documented(BadRequest, ContentTooLarge, InvalidInput, DatabaseUnavailable),
    },
)
async def store_turns(request: Request, sent: NewTurns) -> Response:
    """Store turns, once however often they are sent; what cannot be stored of one keeps no other from it."""
    started = time.perf_counter()
    store: Store = request.state.store
    logs = {at: row(_whole(each.chat_log)) for at, each in enumerate(sent.turns) if each.chat_log is not None}
    events = {at: row(each.audit_log) for at, each in enumerate(sent.turns)}
    outcomes = ["stored"] * len(sent.turns)
    mrns = sorted({each["patient_mrn"] for each in logs.values()})
    there = dict(zip(mrns, await asyncio.gather(*(store.has(PATIENTS, mrn) for mrn in mrns)), strict=True))
    for at in [at for at, each in logs.items() if not there[each["patient_mrn"]]]:
        outcomes[at] = "patient_not_found"
        del logs[at]
    for at in await _refused(store, AUDIT_LOGS, events):
        outcomes[at] = "duplicate_event"
    for at in await _refused(store, CHAT_LOGS, logs):
        outcomes[at] = "duplicate_conversation"
    _note(request, logs, outcomes, (time.perf_counter() - started) * 1000)
    return Response(body({"outcomes": outcomes}), headers={"Cache-Control": UNTAGGED}, media_type=JSON)


async def _refused(store: "Store", collection: "Collection", rows: "dict[int, Row]") -> list[int]:
    """Write ROWS and return where those are whose key is taken by other content."""
    taken = {each[collection.key] for each in await store.insert_new(collection, [*rows.values()])}
    found = []
    for at, each in rows.items():
        if each[collection.key] in taken:
            before = await store.one(collection, each[collection.key])
            if before is None or not same(before, each):
                found.append(at)
    return found


def _note(request: Request, logs: "dict[int, Row]", outcomes: list[str], milliseconds: float) -> None:
    audit: AuditWriter = request.state.audit
    for at, each in logs.items():
        if outcomes[at] != "duplicate_conversation":
            audit.note("record_write", each["patient_mrn"], f"POST {PATH}", milliseconds)
