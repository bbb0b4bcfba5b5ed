"""The records, with their types, patterns and units; every answer and every seed goes through these."""

from service_db_api.models.audit_log import AuditLog
from service_db_api.models.chat_log import ChatLog, Message, NewChatLog, RetrievalEvent, RetrievalResult
from service_db_api.models.claim import Claim
from service_db_api.models.document import Document, DocumentMetadata, SourceType
from service_db_api.models.encounter import Encounter, Lab, Vitals
from service_db_api.models.fields import CENT
from service_db_api.models.page import AuditLogPage, ChatLogPage, ClaimPage, DocumentPage, EncounterPage, PatientPage
from service_db_api.models.patient import Address, Allergy, Condition, Diagnosis, Medication, Name, Patient
from service_db_api.models.provider import Provider
from service_db_api.models.summary import Summary, SummaryMetadata, SummaryProvider

__all__ = [
    "CENT",
    "Address",
    "Allergy",
    "AuditLog",
    "AuditLogPage",
    "ChatLog",
    "ChatLogPage",
    "Claim",
    "ClaimPage",
    "Condition",
    "Diagnosis",
    "Document",
    "DocumentMetadata",
    "DocumentPage",
    "Encounter",
    "EncounterPage",
    "Lab",
    "Medication",
    "Message",
    "Name",
    "NewChatLog",
    "Patient",
    "PatientPage",
    "Provider",
    "RetrievalEvent",
    "RetrievalResult",
    "SourceType",
    "Summary",
    "SummaryMetadata",
    "SummaryProvider",
    "Vitals",
]
