"""Every collection: its model, its natural key and its indexes. The one place that declares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_db_api.models import Claim, Document, Encounter, Patient, Provider

if TYPE_CHECKING:
    from pydantic import BaseModel

UP, DOWN = 1, -1
Order = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Collection:
    """
    One collection of MongoDB.

    `key` is unique, and so is each of `unique`. `orders` are compound indexes, each of which serves a
    filter together with the sort that follows it.
    """

    name: str
    model: type[BaseModel]
    key: str
    orders: tuple[Order, ...] = ()
    unique: tuple[str, ...] = ()

    @property
    def projection(self) -> dict[str, int]:
        """Return what to ask for: the model's fields, and never `_id`."""
        return {"_id": 0, **dict.fromkeys(self.model.model_fields, 1)}


PATIENTS = Collection("patients", Patient, "mrn")
ENCOUNTERS = Collection(
    "encounters",
    Encounter,
    "encounter_id",
    (
        (("patient_mrn", UP), ("start", DOWN), ("encounter_id", UP)),
        (("start", DOWN), ("encounter_id", UP)),
    ),
)
CLAIMS = Collection(
    "claims",
    Claim,
    "claim_id",
    (
        (("patient_mrn", UP), ("service_date", DOWN), ("claim_id", UP)),
        (("service_date", DOWN), ("claim_id", UP)),
    ),
)
DOCUMENTS = Collection(
    "documents",
    Document,
    "doc_id",
    (
        (("patient_mrn", UP), ("source_type", UP), ("metadata.created_at", DOWN)),
        (("patient_mrn", UP), ("metadata.created_at", DOWN)),
        (("source_type", UP), ("metadata.created_at", DOWN)),
    ),
)
PROVIDERS = Collection("providers", Provider, "provider_id", unique=("npi",))

COLLECTIONS = (PATIENTS, ENCOUNTERS, CLAIMS, DOCUMENTS, PROVIDERS)
