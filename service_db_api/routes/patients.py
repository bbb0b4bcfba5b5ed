"""Patients, in pages, one by one, with what is recent, and with all they have of one kind."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service_db_api.errors import DatabaseUnavailable, InvalidInput, PatientNotFound
from service_db_api.models import ClaimPage, DocumentPage, EncounterPage, Patient, PatientPage, Summary
from service_db_api.routes.answer import IF_NONE_MATCH, listed, one_of, page_of, record, tagged
from service_db_api.routes.audited import AuditedRoute
from service_db_api.routes.parameters import Amounts, OwnDocumentWindow, PathMrn, Window
from service_db_api.store import summaries
from service_db_api.store.assembly import Limits
from service_db_api.store.schema import CLAIMS, DOCUMENTS, ENCOUNTERS, PATIENTS

PROBLEMS = (PatientNotFound, InvalidInput, DatabaseUnavailable)

router = APIRouter(tags=["patients"], route_class=AuditedRoute)


@router.get("/patients", responses=page_of(PatientPage, InvalidInput, DatabaseUnavailable))
async def patients(request: Request, asked: Annotated[Window, Query()]) -> Response:
    """Return a page of patients in the order of their MRN."""
    return await listed(request, PATIENTS, asked)


@router.get("/patients/{mrn}", responses=one_of(Patient, *PROBLEMS), openapi_extra=IF_NONE_MATCH)
async def patient(request: Request, mrn: PathMrn) -> Response:
    """Return one patient."""
    return await record(request, PATIENTS, mrn, PatientNotFound)


@router.get("/patients/{mrn}/summary", responses=one_of(Summary, *PROBLEMS), openapi_extra=IF_NONE_MATCH)
async def summary(request: Request, mrn: PathMrn, asked: Annotated[Amounts, Query()]) -> Response:
    """Return a patient with the newest encounters, claims and documents, and how many there are of each."""
    most: int = request.state.summary_max_documents
    limits = Limits(asked.encounters, asked.claims, min(asked.documents, most))
    found = await summaries.summary(request.state.store, mrn, limits)
    if found is None:
        raise PatientNotFound
    return tagged(request, found.body, found.etag)


@router.get("/patients/{mrn}/encounters", responses=page_of(EncounterPage, *PROBLEMS))
async def encounters_of_one(request: Request, mrn: PathMrn, asked: Annotated[Window, Query()]) -> Response:
    """Return a page of a patient's encounters, latest start first."""
    return await listed(request, ENCOUNTERS, asked, mrn)


@router.get("/patients/{mrn}/claims", responses=page_of(ClaimPage, *PROBLEMS))
async def claims_of_one(request: Request, mrn: PathMrn, asked: Annotated[Window, Query()]) -> Response:
    """Return a page of a patient's claims, latest service date first."""
    return await listed(request, CLAIMS, asked, mrn)


@router.get("/patients/{mrn}/documents", responses=page_of(DocumentPage, *PROBLEMS))
async def documents_of_one(request: Request, mrn: PathMrn, asked: Annotated[OwnDocumentWindow, Query()]) -> Response:
    """Return a page of a patient's documents, newest first."""
    return await listed(request, DOCUMENTS, asked, mrn)
