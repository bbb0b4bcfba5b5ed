"""Errors as problem bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from service_kit.drain import Draining
from service_kit.problem import InvalidInput, Problem, documented
from tests.unit.service_kit.served import Gone

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.anyio


def _told(response: httpx.Response) -> dict[str, Any]:
    """Return the problem that RESPONSE tells, after checking its form."""
    body: dict[str, Any] = json.loads(response.content)
    assert response.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "trace_id"} <= body.keys()
    assert (body["status"], body["trace_id"]) == (response.status_code, response.headers["x-trace-id"])
    assert body["type"] == f"urn:problem-type:carepath:{body['code']}"
    return body


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere/Tobias", 404, "not_found"),
        ("DELETE", "/numbers", 405, "method_not_allowed"),
        ("GET", "/items/P000102", 422, "invalid_input"),
        ("GET", "/bug/Tobias", 500, "internal_error"),
        ("GET", "/gone", 503, "gone"),
    ],
)
async def test_every_error_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """Whoever raised it, an error has the one form, with the trace id and without a value of the input."""
    response = await client.request(method, path)

    assert response.status_code == status
    assert _told(response)["code"] == code
    assert "Tobias" not in response.text
    assert "P000102" not in response.text


@pytest.mark.parametrize(
    ("content", "where", "kind"),
    [
        (b'{"number": "Tobias Renn"}', ["body", "number"], "int_parsing"),
        (b"{}", ["body", "number"], "missing"),
        (b'["Tobias Renn"', ["body", 14], "json_invalid"),
        (b'{"number": 1, "Tobias Renn": 2}', ["body"], "extra_forbidden"),
        (b'"Tobias Renn"', ["body"], "model_attributes_type"),
    ],
)
async def test_bad_input_is_told_by_place_and_kind(
    client: httpx.AsyncClient, content: bytes, where: list[int | str], kind: str
) -> None:
    """What was sent never comes back, not even as the name of a field that nobody declared."""
    response = await client.post("/numbers", content=content, headers={"content-type": "application/json"})

    assert response.status_code == 422
    assert _told(response)["errors"] == [{"loc": where, "type": kind}]
    assert "Tobias" not in response.text


@pytest.mark.parametrize("sent", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
async def test_a_body_that_is_not_marked_as_json_is_told_so(client: httpx.AsyncClient, sent: str | None) -> None:
    """Whoever forgot the header reads its name and what to write there, and nothing of the body's form."""
    headers = {"content-type": sent} if sent else {}
    response = await client.post("/numbers", content=b'{"number": 1}', headers=headers)

    told = _told(response)
    assert (response.status_code, told["code"]) == (422, "invalid_input")
    assert "`Content-Type: application/json`" in told["detail"]
    assert told["errors"] == [{"loc": ["header", "Content-Type"], "type": "json_expected"}]


@pytest.mark.parametrize("sent", ["application/json; charset=utf-8", "Application/Vnd.api+JSON"])
async def test_json_by_another_name_is_json(client: httpx.AsyncClient, sent: str) -> None:
    """What is wrong with such a body is not its header."""
    response = await client.post("/numbers", content=b'"x"', headers={"content-type": sent})

    assert _told(response)["errors"] == [{"loc": ["body"], "type": "model_attributes_type"}]


async def test_undecodable_bytes_are_the_callers_mistake(client: httpx.AsyncClient) -> None:
    """A body that is no text at all is a 400, not a fault of ours."""
    response = await client.post("/numbers", content=b'\xff{"number": 1}', headers={"content-type": "application/json"})

    assert (response.status_code, _told(response)["code"]) == (400, "bad_request")


async def test_headers_and_extensions_go_along(client: httpx.AsyncClient) -> None:
    """A problem may say when to come back and what is missing."""
    response = await client.get("/gone")

    assert response.headers["retry-after"] == "2"
    assert _told(response)["checks"] == {"database": "unavailable"}


async def test_allowed_methods_are_told(client: httpx.AsyncClient) -> None:
    """The framework's own headers survive the change of form."""
    response = await client.delete("/numbers")

    assert response.headers["allow"] == "POST"


def test_problems_of_one_status_share_an_entry() -> None:
    """OpenAPI has one entry a status: it tells of each problem, and loses none."""
    found = documented(Draining, Gone)

    assert list(found) == [503]
    assert found[503]["description"] == f"{Draining.detail} {Gone.detail}"


def test_openapi_tells_of_problems() -> None:
    """A documented problem has its status, its sentence and the media type of problems."""
    found = documented(InvalidInput, Problem)

    assert list(found) == [422, 500]
    assert found[422]["description"] == InvalidInput.detail
    assert list(found[422]["content"]) == ["application/problem+json"]
