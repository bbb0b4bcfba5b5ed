"""What may stand in a path and in a query; anything else is refused."""

from typing import Annotated, ClassVar

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from service_db_api.models import SourceType, examples
from service_db_api.models.fields import ClaimId, ConversationId, DocId, EncounterId, Mrn, TraceId
from service_db_api.store.assembly import WHOLE

MAX_SKIP = 10_000
MAX_LIMIT = 100

PathMrn = Annotated[Mrn, Path(description="Medical record number.", examples=[examples.MRN])]
PathEncounter = Annotated[EncounterId, Path(examples=[examples.ENCOUNTER_ID])]
PathClaim = Annotated[ClaimId, Path(examples=[examples.CLAIM["claim_id"]])]
PathDocument = Annotated[DocId, Path(examples=[examples.DOCUMENT["doc_id"]])]
PathConversation = Annotated[ConversationId, Path(examples=[examples.CONVERSATION_ID])]

OfPatient = Annotated[Mrn | None, Field(description="Only what belongs to this patient.", examples=[examples.MRN])]


class Window(BaseModel):
    """Which part of a list: LIMIT records after the first SKIP, or after where a `next` link goes on."""

    model_config = ConfigDict(extra="forbid")
    filters: ClassVar[tuple[str, ...]] = ()

    skip: Annotated[int, Field(ge=0, le=MAX_SKIP, description="Records to pass over; not together with `after`.")] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Records to return at most.")] = 10
    after: Annotated[
        str | None, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$", description="Taken from a `next` link, as it is there.")
    ] = None

    @model_validator(mode="after")
    def _one_way(self) -> "Window":
        if self.after is not None and "skip" in self.model_fields_set:
            message = "skip and after exclude each other"
            raise ValueError(message)
        return self

    def where(self) -> dict[str, str]:
        """Return the filters that are given, by the field each is about."""
        return {name: value for name in self.filters if (value := getattr(self, name)) is not None}


class PatientWindow(Window):
    filters = ("patient_mrn",)

    patient_mrn: OfPatient = None


class DocumentWindow(Window):
    filters = ("patient_mrn", "source_type")

    patient_mrn: OfPatient = None
    source_type: Annotated[SourceType | None, Field(description="Only documents of this kind.")] = None


class OwnDocumentWindow(Window):
    filters = ("source_type",)

    source_type: Annotated[SourceType | None, Field(description="Only documents of this kind.")] = None


class EventWindow(Window):
    filters = ("request_id", "patient_mrn")

    request_id: Annotated[
        TraceId | None,
        Field(description="Only events of the request with this trace id.", examples=[examples.TRACE_ID]),
    ] = None
    patient_mrn: OfPatient = None


class Amounts(BaseModel):
    """How much of each a summary lists at most."""

    model_config = ConfigDict(extra="forbid")

    encounters: Annotated[int, Field(ge=0, le=WHOLE.encounters)] = WHOLE.encounters
    claims: Annotated[int, Field(ge=0, le=WHOLE.claims)] = WHOLE.claims
    documents: Annotated[int, Field(ge=0, le=WHOLE.documents)] = WHOLE.documents
