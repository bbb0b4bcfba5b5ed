"""The records, with their types, patterns and units; every answer and every seed goes through these."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints, model_validator

CENT = Decimal("0.01")


def _dollars(value: object) -> object:
    """Return an int, which is how cents are stored, as dollars; leave anything else to the validation."""
    return Decimal(value) * CENT if type(value) is int else value


Mrn = Annotated[str, StringConstraints(pattern=r"^P[0-9]{6}$")]
ProviderId = Annotated[str, StringConstraints(pattern=r"^PROV-[0-9]{4}$")]
EncounterId = Annotated[str, StringConstraints(pattern=r"^ENC-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2,8}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
# US dollars with two places.
Money = Annotated[Decimal, BeforeValidator(_dollars), Field(ge=0, decimal_places=2, max_digits=12)]


class Name(BaseModel):
    first: Text
    last: Text


class Address(BaseModel):
    line1: Text
    city: Text
    state: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    zip: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class Diagnosis(BaseModel):
    code: Text
    system: Literal["ICD-10"] = "ICD-10"
    display: Text


class Condition(Diagnosis):
    onset_date: date | None = None


class Medication(BaseModel):
    """A medication; without an `end_date` it is taken at present."""

    drug_code: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]
    name: Text
    start_date: date
    end_date: date | None = None
    sig: Text


class Allergy(BaseModel):
    substance: Text
    reaction: Text
    severity: Literal["mild", "moderate", "severe"]


class Patient(BaseModel):
    mrn: Mrn
    name: Name
    dob: date
    sex: Literal["F", "M", "X", "U"]
    address: Address
    conditions: list[Condition] = []
    medications: list[Medication] = []
    allergies: list[Allergy] = []
    primary_care_provider_id: ProviderId | None = None
    risk_score: Annotated[float, Field(ge=0, le=1)] | None = None


class Vitals(BaseModel):
    """Blood pressure in mmHg, heart rate per minute, weight in kg, temperature in °C, oxygen saturation in %."""

    bp_systolic: int | None = None
    bp_diastolic: int | None = None
    heart_rate: int | None = None
    weight_kg: float | None = None
    temp_c: float | None = None
    spo2_pct: int | None = None


class Lab(BaseModel):
    name: Text
    loinc: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}-[0-9]$")]
    value: float
    unit: Text
    collected_at: AwareDatetime


class Encounter(BaseModel):
    encounter_id: EncounterId
    patient_mrn: Mrn
    provider_id: ProviderId | None = None
    type: Literal["outpatient", "inpatient", "emergency", "telehealth"]
    location: Text
    start: AwareDatetime
    end: AwareDatetime
    diagnoses: list[Diagnosis] = []
    vitals: Vitals = Vitals()
    labs: list[Lab] = []
    notes: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Encounter":
        if self.end < self.start:
            message = "an encounter ends no earlier than it starts"
            raise ValueError(message)
        return self


class Claim(BaseModel):
    claim_id: Annotated[str, StringConstraints(pattern=r"^CLM-[0-9]{4}-[0-9]{4,8}$")]
    patient_mrn: Mrn
    encounter_id: EncounterId | None = None
    payer: Text
    service_date: date
    cpt_codes: list[Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}$")]] = []
    icd10_codes: list[str] = []
    billed_amount: Money
    allowed_amount: Money
    patient_responsibility: Money
    status: Literal["submitted", "pending", "paid", "denied"]

    @model_validator(mode="after")
    def _in_order(self) -> "Claim":
        if not self.billed_amount >= self.allowed_amount >= self.patient_responsibility:
            message = "amounts go down from billed to allowed to the patient's share"
            raise ValueError(message)
        return self


class DocumentMetadata(BaseModel):
    author_provider_id: ProviderId | None = None
    created_at: AwareDatetime
    encounter_id: EncounterId | None = None


class Document(BaseModel):
    doc_id: Annotated[str, StringConstraints(pattern=r"^DOC-[A-Z]+-[A-Z0-9-]+$")]
    patient_mrn: Mrn
    source_type: Literal["care_plan", "visit_note", "lab_report", "discharge_summary", "education"]
    title: Text
    text: Text
    tags: list[str] = []
    metadata: DocumentMetadata


class Provider(BaseModel):
    provider_id: ProviderId
    npi: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
    name: Name
    specialty: Text
    location: Text


class PatientPage(BaseModel):
    """One page of patients in the order of their MRN; `total` counts all of them."""

    items: list[Patient]
    total: int
    skip: int
    limit: int


class SummaryMetadata(BaseModel):
    """How many records there are in all, listed or not."""

    mrn: Mrn
    encounter_count: int
    claim_count: int
    document_count: int


class Summary(BaseModel):
    """A patient with what is recent, newest first."""

    patient: Patient
    recent_encounters: list[Encounter]
    recent_claims: list[Claim]
    documents: list[Document]
    summary_metadata: SummaryMetadata
