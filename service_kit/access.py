"""One line in the log and one count for every request, free of patients' data: the route's template, no path."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import structlog

from service_kit import spans, trace
from service_kit.identifiers import MRN

if TYPE_CHECKING:
    from starlette.types import Scope

    from service_kit.metrics import Metrics

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Access:
    """What is noted of requests: in the log, and in METRICS."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log = structlog.get_logger()

    def begin(self) -> None:
        """Count a request that is being answered; each is to be noted."""
        self._metrics.in_flight += 1

    def failed(self, error: Exception) -> None:
        """
        Log an unforeseen ERROR by its type and place.

        Its text may quote the input, so it goes neither into the log nor on to the server.
        """
        self._log.error("unhandled_error", error=type(error).__name__, at=_place(error))

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Note that the request of SCOPE was answered with STATUS, 0 for not at all, after so many SECONDS."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.in_flight -= 1
        self._metrics.observe(method, route, status, seconds)
        self._log.info(
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 3),
            trace_id=trace.current_id(),
            **_more(scope),
        )


def _more(scope: Scope) -> dict[str, Any]:
    """Return whom the request of SCOPE is about, for the log to hash, and where its time went, as far as is known."""
    found: dict[str, Any] = {}
    mrn = (scope.get("path_params") or {}).get("mrn") or (scope.get("state") or {}).get("patient_mrn")
    if mrn and MRN.fullmatch(mrn):
        found["patient_mrn"] = mrn
    if steps := spans.told(scope):
        found["spans"] = steps
    return found


def _place(error: Exception) -> str:
    """Return file, line and function of the frame that raised ERROR."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno} {frame.name}"
