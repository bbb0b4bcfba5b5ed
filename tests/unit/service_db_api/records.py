"""One patient with as many records of each kind as a test asks for, several of one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from service_db_api.dataset import Dataset
from service_db_api.models import AuditLog, ChatLog, Claim, Document, Encounter, Patient
from service_db_api.store.row import row
from service_db_api.store.schema import COLLECTIONS, PATIENTS, SUMMARIES

if TYPE_CHECKING:
    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

FIRST = datetime(2024, 1, 1, 9, 0, 0, 250_000, tzinfo=UTC)
# As many records share a moment, so that only their ids tell their order.
TIED = 3


def records(mrn: str, number: int) -> Dataset:
    """Return the patient MRN with NUMBER records of each kind; the first document is the only care plan."""
    person = {"name": {"first": "Busy", "last": "Body"}, "dob": "1990-01-01", "sex": "U"}
    address = {"line1": "1 Any Way", "city": "Eastmere", "state": "OR", "zip": "97001"}
    patient = Patient.model_validate({"mrn": mrn, **person, "address": address})
    made = Dataset(patients=[patient])
    for each in range(number):
        at = FIRST + timedelta(days=each // TIED)
        # Ids run against time, and are told apart from those of other patients by the last digits of the MRN.
        name = f"{mrn[-2:]}{number - each:04}"
        made.encounters.append(_encounter(mrn, name, at))
        made.claims.append(_claim(mrn, name, at))
        made.documents.append(_document(mrn, name, at, "visit_note" if each else "care_plan"))
        made.chat_logs.append(chat_log(mrn, name, at))
        made.audit_logs.append(_audit_log(mrn, name, at))
    return made


def rows(dataset: Dataset) -> dict[str, list[Row]]:
    """Return DATASET as it is written."""
    return {collection.name: [row(each) for each in found] for collection, found in dataset.by_collection()}


async def forget(store: Store, mrn: str) -> None:
    """Remove all that `store` has of the patient `mrn`."""
    for collection in (*COLLECTIONS, SUMMARIES):
        # Each by the one field that an index serves.
        name = "mrn" if collection in (PATIENTS, SUMMARIES) else "patient_mrn"
        await store._collections[collection].delete_many({name: mrn})


def _encounter(mrn: str, name: str, at: datetime) -> Encounter:
    return Encounter(
        encounter_id=f"ENC-{at:%Y-%m-%d}-{name}",
        patient_mrn=mrn,
        provider_id="PROV-1001",
        type="telehealth",
        location="Home",
        start=at,
        end=at,
    )


def _claim(mrn: str, name: str, at: datetime) -> Claim:
    amounts = {"billed_amount": "10.10", "allowed_amount": "10.10", "patient_responsibility": "0.01"}
    fields = {"claim_id": f"CLM-2024-{name}", "patient_mrn": mrn, "payer": "Nobody", "status": "pending"}
    return Claim.model_validate({**fields, **amounts, "service_date": at.date()})


def _document(mrn: str, name: str, at: datetime, kind: str) -> Document:
    fields = {"doc_id": f"DOC-X-{name}", "patient_mrn": mrn, "source_type": kind, "title": "T", "text": "T"}
    return Document.model_validate({**fields, "metadata": {"created_at": at, "author_provider_id": "PROV-1002"}})


def chat_log(mrn: str, name: str, at: datetime) -> ChatLog:
    """Return the conversation NAME of MRN."""
    said = {"role": "user", "content": "Hello?", "timestamp": at}
    ids = {"conversation_id": f"CONV-{name:0>32}", "patient_mrn": mrn, "trace_id": f"{name:0>32}"}
    return ChatLog.model_validate({**ids, "started_at": at, "ended_at": at, "messages": [said]})


def request_id(mrn: str) -> str:
    """Return the request that all audit records of MRN belong to."""
    return f"{mrn[1:]:0>32}"


def _audit_log(mrn: str, name: str, at: datetime) -> AuditLog:
    ids = {"event_id": f"EVT-{name:0>32}", "patient_mrn": mrn, "request_id": request_id(mrn)}
    told = {"event_type": "triage_inference", "actor_id": "chat-api", "latency_ms": 5, "status": "success"}
    return AuditLog.model_validate({**ids, **told, "created_at": at})
