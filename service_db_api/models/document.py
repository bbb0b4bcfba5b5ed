"""What was written about a patient."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from service_db_api.models import examples
from service_db_api.models.fields import DocId, EncounterId, Instant, Mrn, ProviderId, Text

SourceType = Literal["care_plan", "visit_note", "lab_report", "discharge_summary", "education"]


class DocumentMetadata(BaseModel):
    author_provider_id: ProviderId | None = None
    created_at: Instant
    encounter_id: EncounterId | None = None


class Document(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.DOCUMENT]})

    doc_id: DocId
    patient_mrn: Mrn
    source_type: SourceType
    title: Text
    text: Text
    tags: list[str] = []
    metadata: DocumentMetadata
