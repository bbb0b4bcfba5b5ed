"""A patient, with what is known at all times."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from service_db_api.models import examples
from service_db_api.models.fields import Fraction, Mrn, ProviderId, Text


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
    """A patient; `risk_score` has no clinical meaning."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PATIENT]})

    mrn: Mrn
    name: Name
    dob: date
    sex: Literal["F", "M", "X", "U"]
    address: Address
    conditions: list[Condition] = []
    medications: list[Medication] = []
    allergies: list[Allergy] = []
    primary_care_provider_id: ProviderId | None = None
    risk_score: Fraction | None = None
