"""
What triage knows of a patient: db-api's summary, less all that names the person.

Fields that are not here (name, day of birth, address) are dropped when a
record comes in, so nothing further on can tell them.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

STRENGTH = re.compile(r"\s+\d.*")


def _year(born: object) -> int | None:
    year = str(born)[:4]
    return int(year) if year.isdecimal() else None


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


class Vitals(_Part):
    bp_systolic: int | None = None
    bp_diastolic: int | None = None
    heart_rate: int | None = None
    weight_kg: float | None = None


class Encounter(_Part):
    type: str
    location: str
    start: AwareDatetime
    labs: tuple[Lab, ...] = ()
    vitals: Vitals = Vitals()
    provider_id: str | None = None


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
    patient_mrn: str
    source_type: str
    title: str
    text: str
    metadata: DocumentMetadata


class Name(_Part):
    first: str
    last: str


class Provider(_Part):
    """Who treats the patient; that name is theirs to be told."""

    provider_id: str
    name: Name
    specialty: str

    @property
    def told(self) -> str:
        return f"{self.name.first} {self.name.last}, {self.specialty}"


class Patient(_Part):
    """A person without a name; of the date of birth no more than the year, and that only where one is recorded."""

    mrn: str
    born: Annotated[int | None, BeforeValidator(_year)] = Field(None, validation_alias="dob", repr=False)
    conditions: tuple[Condition, ...] = ()
    medications: tuple[Medication, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    primary_care_provider_id: str | None = None

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
    providers: tuple[Provider, ...] = ()

    def provider(self, provider_id: str | None) -> Provider | None:
        """Return the provider PROVIDER_ID, None when the record does not name them."""
        return next((each for each in self.providers if each.provider_id == provider_id), None)
