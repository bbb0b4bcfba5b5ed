"""Answers made of rows: bytes, tagged where they are one record, linked where they are a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Response

from service_db_api.errors import InvalidInput, PatientNotFound
from service_db_api.store import row
from service_db_api.store.keyset import NoPlace
from service_db_api.store.page import page
from service_db_api.store.schema import PATIENTS
from service_kit.problem import Problem, documented

if TYPE_CHECKING:
    from fastapi import Request
    from pydantic import BaseModel

    from service_db_api.routes.parameters import Window
    from service_db_api.store.mongo import Store
    from service_db_api.store.schema import Collection

JSON = "application/json"
# Whoever keeps an answer must ask each time whether it still holds.
TAGGED = "private, no-cache"
UNTAGGED = "no-store"
CONTENT_TYPE = (b"content-type", JSON.encode())
KEEP_TAGGED = (b"cache-control", TAGGED.encode())
KEEP_NOTHING = (b"cache-control", UNTAGGED.encode())
IF_NONE_MATCH = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "Entity tags of the answers at hand; 304 when one of them is still right.",
            "schema": {"type": "string"},
        }
    ]
}


class Answer(Response):
    """JSON that is bytes already, and so are HEADERS: to make them so one by one costs as much as to find a record."""

    def __init__(self, content: bytes, *headers: tuple[bytes, bytes]) -> None:
        self.status_code = 200
        self.background = None
        self.body = content
        self.raw_headers = [CONTENT_TYPE, (b"content-length", b"%d" % len(content)), *headers]


def tagged(request: Request, content: bytes, etag: str) -> Response:
    """Return CONTENT with its ETAG, or 304 when the caller of REQUEST has it already."""
    asked = request.headers.get("if-none-match")
    if asked is not None and _matches(asked, etag):
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": TAGGED})
    return Answer(content, (b"etag", etag.encode()), KEEP_TAGGED)


def _matches(asked: str, etag: str) -> bool:
    return asked.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in asked.split(","))


async def record(request: Request, collection: Collection, key: str, missing: type[Problem]) -> Response:
    """Return the record of COLLECTION under KEY, or raise MISSING."""
    store: Store = request.state.store
    found = await store.one(collection, key)
    if found is None:
        raise missing
    if collection is not PATIENTS:
        request.state.patient_mrn = found["patient_mrn"]
    content = row.body(found)
    return tagged(request, content, row.etag(content))


async def listed(request: Request, collection: Collection, asked: Window, mrn: str | None = None) -> Response:
    """Return the page of COLLECTION that was ASKED for; with MRN, of what this patient has, whom there must be."""
    store: Store = request.state.store
    where = asked.where()
    if mrn is not None:
        where["patient_mrn"] = mrn
    elif "patient_mrn" in where:
        request.state.patient_mrn = where["patient_mrn"]
    try:
        found = await page(store, collection, where, limit=asked.limit, skip=asked.skip, after=asked.after)
    except NoPlace:
        raise InvalidInput(errors=[{"loc": ["query", "after"], "type": "no_such_place"}]) from None
    if mrn is not None and not found.rows and not await store.has(PATIENTS, mrn):
        raise PatientNotFound
    headers = [KEEP_NOTHING]
    link = None
    if found.last is not None:
        # All of it is of the characters that a URL takes as they are.
        kept = {**asked.where(), "limit": asked.limit, "after": found.last}
        link = f"{request.scope['path']}?{'&'.join(f'{name}={value}' for name, value in kept.items())}"
        headers.append((b"link", f'<{link}>; rel="next"'.encode()))
    content = row.body(
        {"items": found.rows, "total": found.total, "skip": asked.skip, "limit": asked.limit, "next": link}
    )
    return Answer(content, *headers)


def one_of(model: type[BaseModel], *problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI is told of a route to one record of MODEL."""
    tag = {"ETag": {"description": "Strong; changes with the record.", "schema": {"type": "string"}}}
    return {
        200: {"model": model, "headers": tag},
        304: {"description": "The caller's copy is still right.", "headers": tag},
        **documented(*problems),
    }


def page_of(model: type[BaseModel], *problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI is told of a route to pages of MODEL."""
    link = {"Link": {"description": "The next page, while there is one.", "schema": {"type": "string"}}}
    return {200: {"model": model, "headers": link}, **documented(*problems)}
