"""
What chat-api may answer instead of a triage.

Problem                    service_kit.problem
├── BadRequest         400 the body cannot be read at all
├── ContentTooLarge    413 the body is larger than is taken; service_kit.limits
├── InvalidInput       422 the request does not have the documented form
├── PatientNotFound    404 nobody has this medical record number
├── Saturated          429 as many questions as can be are being answered; ask again
├── LlmError           502 the model answered with nothing that can be said
├── DbApiUnavailable   503 the record cannot be had at the moment; ask again
├── LlmTimeout         504 the model took too long
└── DeadlineExceeded   504 the question's own time was over before there was a record
"""

from service_kit import deadline
from service_kit.limits import ContentTooLarge
from service_kit.problem import InvalidInput, Problem

__all__ = [
    "MODEL_ERRORS",
    "BadRequest",
    "ContentTooLarge",
    "DbApiUnavailable",
    "DeadlineExceeded",
    "InvalidInput",
    "LlmError",
    "LlmTimeout",
    "PatientNotFound",
    "Saturated",
]


class BadRequest(Problem):
    """What the framework answers to a body that cannot be read at all."""

    status = 400
    code = "bad_request"
    detail = "The request's body cannot be read."


class PatientNotFound(Problem):
    status = 404
    code = "patient_not_found"
    detail = "There is no patient with this medical record number."


class Saturated(Problem):
    status = 429
    code = "saturated"
    detail = "Too many questions are being answered at once; try again shortly. In an emergency call for help now."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base


class LlmError(Problem):
    status = 502
    code = "llm_error"
    detail = "The model that words the answers failed; try again. In an emergency call for help now."


class DbApiUnavailable(Problem):
    status = 503
    code = "db_api_unavailable"
    detail = "The patient's record cannot be read at the moment; try again shortly. In an emergency call for help now."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base


class LlmTimeout(Problem):
    status = 504
    code = "llm_timeout"
    detail = "The model that words the answers took too long; try again. In an emergency call for help now."


class DeadlineExceeded(deadline.DeadlineExceeded):
    detail = (
        "The time that was given for an answer was over before the patient's record was read; give more. "
        "In an emergency call for help now."
    )


# With these a model was asked, and is to blame.
MODEL_ERRORS = frozenset({LlmError.code, LlmTimeout.code})
