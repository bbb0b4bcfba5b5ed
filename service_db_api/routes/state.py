"""What the lifespan hands to every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from fastapi import Depends, Request

from service_db_api.store.mongo import Store

if TYPE_CHECKING:
    from service_db_api.audit import AuditWriter


class State(TypedDict):
    store: Store
    audit: AuditWriter
    summary_max_documents: int


async def _store(request: Request) -> Store:
    store: Store = request.state.store
    return store


OpenStore = Annotated[Store, Depends(_store)]
