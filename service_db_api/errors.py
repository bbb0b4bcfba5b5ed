"""
What db-api may answer instead of a record.

Problem                    service_kit.problem
├── InvalidInput       422 the request does not have the documented form
├── PatientNotFound    404 nobody has this medical record number
└── DatabaseUnavailable 503 the database does not answer; ask again

Any other fault of the database is a 500 without a word of the driver's.
"""

from service_kit.problem import InvalidInput, Problem

__all__ = ["DatabaseUnavailable", "InvalidInput", "PatientNotFound"]


class PatientNotFound(Problem):
    status = 404
    code = "patient_not_found"
    detail = "There is no patient with this medical record number."


class DatabaseUnavailable(Problem):
    status = 503
    code = "database_unavailable"
    detail = "The database does not answer at the moment; try again shortly."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base
