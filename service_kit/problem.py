"""
Errors as RFC 9457 problem bodies.

A body never holds a value of the input: what a caller sent may be a patient's
data, and answers end in logs and proxies.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route

from service_kit import trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:problem-type:carepath:"
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "content_too_large"}
WHOLE_BODY = {"loc": ["body"], "type": "model_attributes_type"}
JSON = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
TEXT = {"type": "string"}
SCHEMA = {
    "title": "Problem",
    "type": "object",
    "properties": {
        "type": {**TEXT, "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": TEXT,
        "trace_id": TEXT,
    },
    "required": ["type", "title", "status", "detail", "code", "trace_id"],
}


class Problem(Exception):  # noqa: N818 - the name RFC 9457 gives it
    """
    An error with a status and a stable code; a service's own errors derive from it.

    EXTENSIONS are further members of the body and must be free of the input.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    detail: ClassVar[str] = "Something went wrong here; the trace id finds it in the log."
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **extensions: Any) -> None:
        super().__init__(self.code)
        self.extensions = extensions


class InvalidInput(Problem):
    status = 422
    code = "invalid_input"
    detail = "The request does not have the documented form; `errors` says where."


class NotJson(InvalidInput):
    detail = "The body is not marked as JSON; send it with the header `Content-Type: application/json`."


class NotFound(Problem):
    status = 404
    code = "not_found"
    detail = "Not Found."


def body(status: int, code: str, detail: str, extensions: Mapping[str, Any]) -> bytes:
    """Return the body of a problem, with the trace id of the request being answered."""
    members = {
        "type": TYPE + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "trace_id": trace.current_id(),
    }
    return orjson.dumps({**extensions, **members})


def response(problem: Problem) -> Response:
    """Return the answer that tells PROBLEM."""
    content = body(problem.status, problem.code, problem.detail, problem.extensions)
    return Response(content, problem.status, dict(problem.headers), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make APP answer its own problems, bad input and the framework's errors as problem bodies."""

    @app.exception_handler(Problem)
    async def _(_: Request, problem: Problem) -> Response:
        return response(problem)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        places = [_place(each) for each in error.errors()]
        # The framework takes such a body for a text, whatever is in it.
        if places == [WHOLE_BODY] and not JSON.match(request.headers.get("content-type", "")):
            return response(NotJson(errors=[{"loc": ["header", "Content-Type"], "type": "json_expected"}]))
        return response(InvalidInput(errors=places))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        phrase = HTTPStatus(error.status_code).phrase
        content = body(error.status_code, CODES.get(error.status_code, "http_error"), f"{phrase}.", {})
        headers = _allow(app, request) if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
        return Response(content, error.status_code, headers, MEDIA_TYPE)


def _allow(app: FastAPI, request: Request) -> dict[str, str]:
    """Return what may be done at the path of REQUEST: the router itself knows of the first route there only."""
    found: set[str] = set()
    for route in app.router.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return {"Allow": ", ".join(sorted(found))}


def _place(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return where and how ERROR arose; the name of a field nobody declared is the caller's text, so it is left out."""
    where: Sequence[int | str] = error["loc"]
    if error["type"] == "extra_forbidden":
        where = where[:-1]
    return {"loc": list(where), "type": error["type"]}


def documented(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return PROBLEMS as FastAPI's `responses`, so that OpenAPI tells of them; those of one status share an entry."""
    found: dict[int | str, dict[str, Any]] = {}
    for each in problems:
        told = found.setdefault(each.status, {"description": "", "content": {MEDIA_TYPE: {"schema": SCHEMA}}})
        told["description"] = f"{told['description']} {each.detail}".strip()
    return found
