"""A set of records by collection, checked before any of it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from service_db_api.store.schema import (
    AUDIT_LOGS,
    CHAT_LOGS,
    CLAIMS,
    DOCUMENTS,
    ENCOUNTERS,
    PATIENTS,
    PROVIDERS,
    Collection,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from service_db_api.models import AuditLog, ChatLog, Claim, Document, Encounter, Patient, Provider


@dataclass(frozen=True)
class Dataset:
    """Records of any number of patients; two of them are joined by `+`."""

    patients: list[Patient] = field(default_factory=list)
    encounters: list[Encounter] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    providers: list[Provider] = field(default_factory=list)
    chat_logs: list[ChatLog] = field(default_factory=list)
    audit_logs: list[AuditLog] = field(default_factory=list)

    def __add__(self, other: Dataset) -> Dataset:
        return Dataset(
            self.patients + other.patients,
            self.encounters + other.encounters,
            self.claims + other.claims,
            self.documents + other.documents,
            self.providers + other.providers,
            self.chat_logs + other.chat_logs,
            self.audit_logs + other.audit_logs,
        )

    def by_collection(self) -> list[tuple[Collection, Sequence[BaseModel]]]:
        """Return each collection with its records; what others refer to comes first."""
        return [
            (PROVIDERS, self.providers),
            (PATIENTS, self.patients),
            (ENCOUNTERS, self.encounters),
            (CLAIMS, self.claims),
            (DOCUMENTS, self.documents),
            (CHAT_LOGS, self.chat_logs),
            (AUDIT_LOGS, self.audit_logs),
        ]
