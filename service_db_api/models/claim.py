"""What was billed for a visit, in US dollars."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from service_db_api.models import examples
from service_db_api.models.fields import ClaimId, EncounterId, Money, Mrn, Text


class Claim(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.CLAIM]})

    claim_id: ClaimId
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
