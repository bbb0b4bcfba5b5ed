"""Encounters, of everybody and one by one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service_db_api.errors import DatabaseUnavailable, EncounterNotFound, InvalidInput
from service_db_api.models import Encounter, EncounterPage
from service_db_api.routes.answer import IF_NONE_MATCH, listed, one_of, page_of, record
from service_db_api.routes.audited import AuditedRoute
from service_db_api.routes.parameters import PathEncounter, PatientWindow
from service_db_api.store.schema import ENCOUNTERS

router = APIRouter(tags=["encounters"], route_class=AuditedRoute)


@router.get("/encounters", responses=page_of(EncounterPage, InvalidInput, DatabaseUnavailable))
async def encounters(request: Request, asked: Annotated[PatientWindow, Query()]) -> Response:
    """Return a page of encounters, latest start first."""
    return await listed(request, ENCOUNTERS, asked)


@router.get(
    "/encounters/{encounter_id}",
    responses=one_of(Encounter, EncounterNotFound, InvalidInput, DatabaseUnavailable),
    openapi_extra=IF_NONE_MATCH,
)
async def encounter(request: Request, encounter_id: PathEncounter) -> Response:
    """Return one encounter."""
    return await record(request, ENCOUNTERS, encounter_id, EncounterNotFound)
