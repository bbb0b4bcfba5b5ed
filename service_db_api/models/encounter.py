"""A visit, in person or not."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from service_db_api.models import examples
from service_db_api.models.fields import EncounterId, Instant, Mrn, ProviderId, Text
from service_db_api.models.patient import Diagnosis

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Vitals(BaseModel):
    """Blood pressure in mmHg, heart rate per minute, weight in kg, temperature in °C, oxygen saturation in %."""

    bp_systolic: int | None = None
    bp_diastolic: int | None = None
    heart_rate: int | None = None
    weight_kg: Finite | None = None
    temp_c: Finite | None = None
    spo2_pct: int | None = None


class Lab(BaseModel):
    name: Text
    loinc: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}-[0-9]$")]
    value: Finite
    unit: Text
    collected_at: Instant


class Encounter(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.ENCOUNTER]})

    encounter_id: EncounterId
    patient_mrn: Mrn
    provider_id: ProviderId | None = None
    type: Literal["outpatient", "inpatient", "emergency", "telehealth"]
    location: Text
    start: Instant
    end: Instant
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
