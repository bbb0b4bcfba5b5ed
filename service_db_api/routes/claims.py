"""Claims, of everybody and one by one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service_db_api.errors import ClaimNotFound, DatabaseUnavailable, InvalidInput
from service_db_api.models import Claim, ClaimPage
from service_db_api.routes.answer import IF_NONE_MATCH, listed, one_of, page_of, record
from service_db_api.routes.audited import AuditedRoute
from service_db_api.routes.parameters import PathClaim, PatientWindow
from service_db_api.store.schema import CLAIMS

router = APIRouter(tags=["claims"], route_class=AuditedRoute)


@router.get("/claims", responses=page_of(ClaimPage, InvalidInput, DatabaseUnavailable))
async def claims(request: Request, asked: Annotated[PatientWindow, Query()]) -> Response:
    """Return a page of claims, latest service date first."""
    return await listed(request, CLAIMS, asked)


@router.get(
    "/claims/{claim_id}",
    responses=one_of(Claim, ClaimNotFound, InvalidInput, DatabaseUnavailable),
    openapi_extra=IF_NONE_MATCH,
)
async def claim(request: Request, claim_id: PathClaim) -> Response:
    """Return one claim."""
    return await record(request, CLAIMS, claim_id, ClaimNotFound)
