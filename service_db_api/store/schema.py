"""Every collection: its model, its natural key, its order and its indexes. The one place that declares them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from service_db_api.models import AuditLog, ChatLog, Claim, Document, Encounter, Patient, Provider
from service_db_api.models.summary import KeptSummary

if TYPE_CHECKING:
    from pydantic import BaseModel

UP, DOWN = 1, -1
Order = tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Collection:
    """
    One collection of MongoDB.

    `key` is unique, and so is each of `unique`. `listed` is the order of every
    list, which ends with the key, so that no two records share a place.
    `orders` are compound indexes, each of which serves a filter together with
    the sort that follows it. `alone` are fields that the embedded database has
    an index of besides: it looks into none of several fields, and without one
    it reads the whole collection for every question.
    """

    name: str
    model: type[BaseModel]
    key: str
    listed: Order
    orders: tuple[Order, ...] = ()
    unique: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

    @cached_property
    def projection(self) -> dict[str, int]:
        """What to ask for: the model's fields, and never `_id`."""
        return {"_id": 0, **dict.fromkeys(self.model.model_fields, 1)}

    def identity(self, key: str) -> str:
        """Return the `_id` of the record under KEY, as 24 hexadecimal digits: the same wherever it is written."""
        return blake2b(f"{self.name}/{key}".encode(), digest_size=12).hexdigest()

    @cached_property
    def money(self) -> tuple[str, ...]:
        """The fields that hold cents."""
        return tuple(name for name, field in self.model.model_fields.items() if field.annotation is Decimal)


PATIENTS = Collection("patients", Patient, "mrn", (("mrn", UP),))
ENCOUNTERS = Collection(
    "encounters",
    Encounter,
    "encounter_id",
    (("start", DOWN), ("encounter_id", UP)),
    (
        (("patient_mrn", UP), ("start", DOWN), ("encounter_id", UP)),
        (("start", DOWN), ("encounter_id", UP)),
    ),
    alone=("patient_mrn",),
)
CLAIMS = Collection(
    "claims",
    Claim,
    "claim_id",
    (("service_date", DOWN), ("claim_id", UP)),
    (
        (("patient_mrn", UP), ("service_date", DOWN), ("claim_id", UP)),
        (("service_date", DOWN), ("claim_id", UP)),
    ),
    alone=("patient_mrn",),
)
DOCUMENTS = Collection(
    "documents",
    Document,
    "doc_id",
    (("metadata.created_at", DOWN), ("doc_id", UP)),
    (
        (("patient_mrn", UP), ("source_type", UP), ("metadata.created_at", DOWN), ("doc_id", UP)),
        (("patient_mrn", UP), ("metadata.created_at", DOWN), ("doc_id", UP)),
        (("source_type", UP), ("metadata.created_at", DOWN), ("doc_id", UP)),
        (("metadata.created_at", DOWN), ("doc_id", UP)),
    ),
    alone=("patient_mrn",),
)
PROVIDERS = Collection("providers", Provider, "provider_id", (("provider_id", UP),), unique=("npi",))
CHAT_LOGS = Collection(
    "chat_logs",
    ChatLog,
    "conversation_id",
    (("started_at", DOWN), ("conversation_id", UP)),
    (
        (("patient_mrn", UP), ("started_at", DOWN), ("conversation_id", UP)),
        (("started_at", DOWN), ("conversation_id", UP)),
        (("trace_id", UP),),
    ),
    alone=("patient_mrn",),
)
AUDIT_LOGS = Collection(
    "audit_logs",
    AuditLog,
    "event_id",
    (("created_at", DOWN), ("event_id", UP)),
    (
        (("patient_mrn", UP), ("created_at", DOWN), ("event_id", UP)),
        (("request_id", UP), ("created_at", DOWN), ("event_id", UP)),
        (("created_at", DOWN), ("event_id", UP)),
    ),
    alone=("patient_mrn", "request_id"),
)

COLLECTIONS = (PATIENTS, ENCOUNTERS, CLAIMS, DOCUMENTS, PROVIDERS, CHAT_LOGS, AUDIT_LOGS)

# What follows from the records and is kept beside them; see store.summaries.
SUMMARIES = Collection("summaries", KeptSummary, "mrn", (("mrn", UP),))
ALL = (*COLLECTIONS, SUMMARIES)
