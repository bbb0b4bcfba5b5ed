"""Lists, a page at a time."""

from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from service_db_api.models.audit_log import AuditLog
from service_db_api.models.chat_log import ChatLog
from service_db_api.models.claim import Claim
from service_db_api.models.document import Document
from service_db_api.models.encounter import Encounter
from service_db_api.models.patient import Patient

R = TypeVar("R", bound=BaseModel)


class Page(BaseModel, Generic[R]):
    """One page; `total` counts all that fit the filter, and `next` is a link to what follows, null on the last page."""

    items: list[R]
    total: int = Field(ge=0)
    skip: int = Field(ge=0)
    limit: int = Field(ge=1)
    next: str | None


class PatientPage(Page[Patient]):
    """Patients in the order of their MRN."""


class EncounterPage(Page[Encounter]):
    """Encounters, latest start first."""


class ClaimPage(Page[Claim]):
    """Claims, latest service date first."""


class DocumentPage(Page[Document]):
    """Documents, newest first."""


class ChatLogPage(Page[ChatLog]):
    """Conversations, latest start first."""


class AuditLogPage(Page[AuditLog]):
    """Events, newest first."""
