"""Patients, in pages, one by one, and with what is recent."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from service_db_api.errors import DatabaseUnavailable, InvalidInput, PatientNotFound
from service_db_api.models import Patient, PatientPage, Summary
from service_db_api.routes.state import OpenStore
from service_kit.problem import documented

MAX_SKIP = 10_000
MAX_LIMIT = 100

Mrn = Annotated[str, Path(pattern=r"^P[0-9]{6}$", description="Medical record number.", examples=["P000102"])]
Skip = Annotated[int, Query(ge=0, le=MAX_SKIP, description="Patients to pass over.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Patients to return at most.")]

router = APIRouter(tags=["patients"])


@router.get("/patients", response_model=PatientPage, responses=documented(InvalidInput, DatabaseUnavailable))
async def patients(store: OpenStore, skip: Skip = 0, limit: Limit = 10) -> dict[str, Any]:
    """Return a page of patients in the order of their MRN."""
    rows, total = await store.patients(skip, limit)
    return {"items": rows, "total": total, "skip": skip, "limit": limit}


@router.get(
    "/patients/{mrn}",
    response_model=Patient,
    responses=documented(PatientNotFound, InvalidInput, DatabaseUnavailable),
)
async def patient(store: OpenStore, mrn: Mrn) -> dict[str, Any]:
    """Return one patient."""
    found = await store.patient(mrn)
    if found is None:
        raise PatientNotFound
    return found


@router.get(
    "/patients/{mrn}/summary",
    response_model=Summary,
    responses=documented(PatientNotFound, InvalidInput, DatabaseUnavailable),
)
async def summary(store: OpenStore, mrn: Mrn) -> dict[str, Any]:
    """Return a patient with the newest encounters, claims and documents, and how many there are of each."""
    found = await store.summary(mrn)
    if found is None:
        raise PatientNotFound
    return found
