"""Documents, of everybody and one by one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service_db_api.errors import DatabaseUnavailable, DocumentNotFound, InvalidInput
from service_db_api.models import Document, DocumentPage
from service_db_api.routes.answer import IF_NONE_MATCH, listed, one_of, page_of, record
from service_db_api.routes.audited import AuditedRoute
from service_db_api.routes.parameters import DocumentWindow, PathDocument
from service_db_api.store.schema import DOCUMENTS

router = APIRouter(tags=["documents"], route_class=AuditedRoute)


@router.get("/documents", responses=page_of(DocumentPage, InvalidInput, DatabaseUnavailable))
async def documents(request: Request, asked: Annotated[DocumentWindow, Query()]) -> Response:
    """Return a page of documents, newest first."""
    return await listed(request, DOCUMENTS, asked)


@router.get(
    "/documents/{doc_id}",
    responses=one_of(Document, DocumentNotFound, InvalidInput, DatabaseUnavailable),
    openapi_extra=IF_NONE_MATCH,
)
async def document(request: Request, doc_id: PathDocument) -> Response:
    """Return one document."""
    return await record(request, DOCUMENTS, doc_id, DocumentNotFound)
