"""Routes to patients' records: whatever they answer is noted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Request

from service_db_api.routes.arguments import Arguments
from service_db_api.routes.body import StrictRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Response
    from starlette.types import Receive, Scope, Send

    from service_db_api.audit import AuditWriter


class AuditedRoute(StrictRoute):
    """
    Note each answer for the audit.

    Whose record it was is the `mrn` in the path, or what the handler has put
    into the request's state as `patient_mrn`; a list of several has nobody's.
    A refused request has shown nothing and is not noted.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
        super().__init__(path, endpoint, **told)
        (method,) = self.methods or {"GET"}
        self._event: Literal["record_read", "record_write"] = "record_read" if method == "GET" else "record_write"
        self._what = f"{method} {self.path_format}"
        if method == "GET":
            self._arguments = Arguments(endpoint)
            self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that has no body."""
        started = time.perf_counter()
        request = Request(scope, receive)
        response: Response = await self.endpoint(request, **self._arguments.read(scope))
        self._note(request, started)
        await response(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request that has a body."""
        answer = super().get_route_handler()

        async def audited(request: Request) -> Response:
            started = time.perf_counter()
            response = await answer(request)
            self._note(request, started)
            return response

        return audited

    def _note(self, request: Request, started: float) -> None:
        mrn = request.path_params.get("mrn") or getattr(request.state, "patient_mrn", None)
        audit: AuditWriter = request.state.audit
        audit.note(self._event, mrn, self._what, (time.perf_counter() - started) * 1000)
