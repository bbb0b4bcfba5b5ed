"""
What db-api may answer instead of a record.

Problem                        service_kit.problem
├── InvalidInput           422 the request does not have the documented form
├── PatientNotFound        404 nobody has this medical record number
├── EncounterNotFound      404 no record has this id, and so on for each kind
├── ClaimNotFound
├── DocumentNotFound
├── ChatLogNotFound
├── DuplicateConversation  409 the id is taken by another conversation
├── DuplicateEvent         409 the id is taken by another event
└── DatabaseUnavailable    503 the database does not answer; ask again

Any other fault of the database is a 500 without a word of the driver's.
"""

from service_kit.problem import InvalidInput, Problem

__all__ = [
    "ChatLogNotFound",
    "ClaimNotFound",
    "DatabaseUnavailable",
    "DocumentNotFound",
    "DuplicateConversation",
    "DuplicateEvent",
    "EncounterNotFound",
    "InvalidInput",
    "PatientNotFound",
]


class PatientNotFound(Problem):
    status = 404
    code = "patient_not_found"
    detail = "There is no patient with this medical record number."


class EncounterNotFound(Problem):
    status = 404
    code = "encounter_not_found"
    detail = "There is no encounter with this id."


class ClaimNotFound(Problem):
    status = 404
    code = "claim_not_found"
    detail = "There is no claim with this id."


class DocumentNotFound(Problem):
    status = 404
    code = "document_not_found"
    detail = "There is no document with this id."


class ChatLogNotFound(Problem):
    status = 404
    code = "chat_log_not_found"
    detail = "There is no conversation with this id."


class DuplicateConversation(Problem):
    status = 409
    code = "duplicate_conversation"
    detail = "A conversation of other content has this id already; send it under an id of its own."


class DuplicateEvent(Problem):
    status = 409
    code = "duplicate_event"
    detail = "An event of other content has this id already; send it under an id of its own."


class DatabaseUnavailable(Problem):
    status = 503
    code = "database_unavailable"
    detail = "The database does not answer at the moment; try again shortly."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base
