"""Who touched a patient's record, when, and by which request; never what the record says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service_db_api.models import examples
from service_db_api.models.fields import PLAIN, EventId, Instant, Label, Mrn, TraceId

EventType = Literal["triage_inference", "record_read", "record_write"]
# Counts, levels and route templates: what is needed to follow an event, without its content.
Gist = Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)]


class AuditLog(BaseModel):
    """One event; `request_id` is the trace id of the request it belongs to, and `latency_ms` how long that took."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [examples.AUDIT_LOG]})

    event_id: EventId
    event_type: EventType
    actor_type: Literal["service"] = "service"
    actor_id: Label
    patient_mrn: Mrn | None = None
    model_name: Label | None = None
    request_id: TraceId
    created_at: Instant
    input_summary: Gist | None = None
    output_summary: Gist | None = None
    latency_ms: Annotated[int, Field(ge=0, le=86_400_000, strict=True)]
    status: Literal["success", "error"]
