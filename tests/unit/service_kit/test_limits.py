"""How much a caller may send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_kit.limits import MOST_HEADERS, MOST_URL
from tests.unit.service_kit.served import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for each in chunks:
        yield each


@pytest.mark.parametrize("path", ["/numbers", "/items/one", "/nowhere"])
async def test_an_announced_length_is_refused_unread(path: str) -> None:
    """A body that says it is too large is a problem wherever it is sent, and not a byte of it comes back."""
    served = serve(max_body_bytes=20)

    response = await served.client.post(path, content=b'{"number": "renn-renn"}', headers=JSON)

    assert (response.status_code, response.json()["code"]) == (413, "content_too_large")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert "renn" not in response.text


async def test_chunks_are_counted() -> None:
    """Without a length, what has come counts, and the rest is not waited for."""
    served = serve(max_body_bytes=20)

    response = await served.client.post("/numbers", content=_chunks(b'{"number"', b": 1", b" " * 20), headers=JSON)

    assert (response.status_code, response.json()["code"]) == (413, "content_too_large")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("chunked", [False, True])
async def test_what_just_fits_is_read(chunked: bool) -> None:
    """The limit itself is allowed."""
    body = b'{"number": 12345678}'
    served = serve(max_body_bytes=len(body))

    response = await served.client.post("/numbers", content=_chunks(body) if chunked else body, headers=JSON)

    assert (response.status_code, response.json()) == (200, {"number": 12345678})


async def test_a_request_without_a_body_is_no_matter() -> None:
    """Reading is not limited by what may be written."""
    response = await serve(max_body_bytes=1).client.get("/items/one")

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/items/{}", "/items/one?x={}", "/%6E{}"])
async def test_a_long_url_is_refused(path: str) -> None:
    """Whoever writes a book into the line of a request is told so wherever it leads, and reads nothing of it again."""
    response = await serve().client.get(path.format("renn" * (MOST_URL // 4)))

    assert (response.status_code, response.json()["code"]) == (414, "uri_too_long")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert "renn" not in response.text


@pytest.mark.parametrize("name", ["x-book", "cookie", "if-none-match", "traceparent"])
@pytest.mark.parametrize("parts", [1, 64])
async def test_long_headers_are_refused(name: str, parts: int) -> None:
    """One long header or many short ones: what counts is all of them together."""
    headers = [(name, "renn" * (MOST_HEADERS // 4 // parts))] * parts

    response = await serve().client.get("/items/one", headers=headers)

    assert (response.status_code, response.json()["code"]) == (431, "headers_too_large")
    assert response.json()["trace_id"] == response.headers["x-trace-id"]
    assert "renn" not in response.text


async def test_long_ones_that_fit_are_read() -> None:
    """What a browser with many cookies or a caller with many entity tags sends is fine."""
    headers = {"cookie": "c" * (MOST_HEADERS - 1024)}

    response = await serve().client.get(f"/items/one?{'x' * (MOST_URL - 1024)}", headers=headers)

    assert response.status_code == 200
