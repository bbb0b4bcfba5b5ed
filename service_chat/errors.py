"""
What chat-api may answer instead of a triage.

Problem                    service_kit.problem
├── InvalidInput       422 the request does not have the documented form
├── PatientNotFound    404 nobody has this medical record number
└── DbApiUnavailable   503 the record cannot be had at the moment; ask again
"""

from service_kit.problem import InvalidInput, Problem

__all__ = ["DbApiUnavailable", "InvalidInput", "PatientNotFound"]


class PatientNotFound(Problem):
    status = 404
    code = "patient_not_found"
    detail = "There is no patient with this medical record number."


class DbApiUnavailable(Problem):
    status = 503
    code = "db_api_unavailable"
    detail = "The patient's record cannot be read at the moment; try again shortly. In an emergency call for help now."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base
