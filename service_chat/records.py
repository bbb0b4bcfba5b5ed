"""
What triage knows of a patient: db-api's summary, less all that names the person.

Fields that are not here (name, date of birth, address) are dropped when a
record comes in, so nothing further on can tell them.
"""

import re
from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, BaseModel, ConfigDict

STRENGTH = re.compile(r"\s+\d.*")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Condition(_Part):
    code: str
    display: str


class Medication(_Part):
    name: str
    start_date: date
    end_date: date | None = None
    sig: str

    @property
    def drug(self) -> str:
        """Return the name without its strength."""
        return STRENGTH.sub("", self.name)

    @property
    def current(self) -> bool:
        """Whether it is taken at present: no end is recorded. The clock does not count."""
        return self.end_date is None


class Allergy(_Part):
    substance: str
    reaction: str


class Lab(_Part):
    name: str
    value: float
    unit: str
    collected_at: AwareDatetime


class Encounter(_Part):
    type: str
    location: str
    start: AwareDatetime
    labs: tuple[Lab, ...] = ()


class Claim(_Part):
    claim_id: str
    payer: str
    service_date: date
    status: str
    patient_responsibility: Decimal


class DocumentMetadata(_Part):
    created_at: AwareDatetime


class Document(_Part):
    doc_id: str
    source_type: str
    title: str
    text: str
    metadata: DocumentMetadata


class Patient(_Part):
    mrn: str
    conditions: tuple[Condition, ...] = ()
    medications: tuple[Medication, ...] = ()
    allergies: tuple[Allergy, ...] = ()

    @property
    def current_medications(self) -> tuple[Medication, ...]:
        """Return what is taken at present."""
        return tuple(each for each in self.medications if each.current)


class Record(_Part):
    """A patient with what is recent, newest first."""

    patient: Patient
    recent_encounters: tuple[Encounter, ...] = ()
    recent_claims: tuple[Claim, ...] = ()
    documents: tuple[Document, ...] = ()
