"""A patient with what is recent."""

from pydantic import BaseModel, ConfigDict

from service_db_api.models import examples
from service_db_api.models.claim import Claim
from service_db_api.models.document import Document
from service_db_api.models.encounter import Encounter
from service_db_api.models.fields import Mrn, ProviderId, Text
from service_db_api.models.patient import Name, Patient


class SummaryMetadata(BaseModel):
    """How many records there are in all, listed or not."""

    mrn: Mrn
    encounter_count: int
    claim_count: int
    document_count: int


class SummaryProvider(BaseModel):
    """Who is meant by a provider id in a summary."""

    provider_id: ProviderId
    name: Name
    specialty: Text


class Summary(BaseModel):
    """A patient with what is recent, newest first, and the providers that any of it names."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SUMMARY]})

    patient: Patient
    recent_encounters: list[Encounter]
    recent_claims: list[Claim]
    documents: list[Document]
    providers: list[SummaryProvider]
    summary_metadata: SummaryMetadata


class KeptSummary(BaseModel):
    """
    The body of a default summary as it is kept in the database.

    `form` tells bodies of one shape from those of another, and `etag` is the
    body's own.
    """

    mrn: Mrn
    form: int
    body: str
    etag: str
