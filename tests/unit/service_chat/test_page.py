"""The page's files, as they are served."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest

from service_chat.routes.page import FOLDER, HEADERS
from tests.unit.service_chat.served import Served, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

PATHS = {"/": "index.html", **{f"/page/{path.name}": path.name for path in FOLDER.iterdir() if path.suffix != ".html"}}
TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
PLAIN = {"Accept-Encoding": "identity"}
# What a browser has to load before anything is to be seen, compressed.
WEIGHT = 20_000


@pytest.fixture(scope="module")
async def served() -> AsyncIterator[Served]:
    """Yield one application for all, since files change nothing in it."""
    async with serve() as found:
        yield found


@pytest.mark.parametrize(
    "path", ["/page/", "/page/index.html", "/page/page.map", "/page/..%2fmain.py", "/page/../main.py", "/index.html"]
)
async def test_no_other_file_is_served(served: Served, path: str) -> None:
    """What is not one of the page's files is unknown, wherever it lies."""
    answer = await served.client.get(path)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_page_is_read_only(served: Served) -> None:
    """Nothing can be sent to it."""
    answer = await served.client.post("/", data={"query": "x"})

    assert answer.status_code == 405


@pytest.mark.parametrize("path", PATHS)
async def test_file_is_served_under_the_policy(served: Served, path: str) -> None:
    """Each file comes as it is, with its type, and every header that keeps a browser strict."""
    answer = await served.client.get(path, headers=PLAIN)

    assert answer.status_code == 200
    assert answer.content == (FOLDER / PATHS[path]).read_bytes()
    assert answer.headers["Content-Type"] == TYPES.get(PATHS[path].rpartition(".")[2], "image/svg+xml")
    assert HEADERS.items() <= {name: answer.headers.get(name) for name in HEADERS}.items()


async def test_policy_allows_this_origin_only(served: Served) -> None:
    """Nothing but 'self' and 'none' is in it: no inline script, no other host, no frame."""
    policy = (await served.client.get("/")).headers["Content-Security-Policy"]

    told = dict(each.split(" ", 1) for each in policy.split("; "))
    assert told.pop("require-trusted-types-for") == "'script'"
    assert set(told.values()) == {"'self'", "'none'"}
    nothing = ("default-src", "base-uri", "form-action", "frame-ancestors", "trusted-types")
    assert [told[name] for name in nothing] == ["'none'"] * len(nothing)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_head_tells_what_get_would(served: Served, path: str, encoding: str) -> None:
    """HEAD has the headers, and no body."""
    headers = {"Accept-Encoding": encoding}
    got = await served.client.get(path, headers=headers)
    asked = await served.client.head(path, headers=headers)

    assert asked.content == b""
    told = {name: value for name, value in asked.headers.items() if name != "x-trace-id"}
    assert told == {name: value for name, value in got.headers.items() if name != "x-trace-id"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_file_at_hand_is_not_sent_again(served: Served, path: str, encoding: str) -> None:
    """Its tag gets 304 without a body; another tag gets the file."""
    headers = {"Accept-Encoding": encoding}
    tag = (await served.client.get(path, headers=headers)).headers["ETag"]

    for asked in (tag, f'"other", W/{tag}', "*"):
        answer = await served.client.get(path, headers={**headers, "If-None-Match": asked})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    answer = await served.client.get(path, headers={**headers, "If-None-Match": '"other"'})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("accepted", "small"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=1.0", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00, br", False),
        ("br", False),
        ("", False),
        ("x-gzipped", False),
    ],
)
async def test_file_is_compressed_for_those_who_take_it(served: Served, accepted: str, *, small: bool) -> None:
    """Both forms hold the same, under different tags."""
    answer = await served.client.get("/page/page.css", headers={"Accept-Encoding": accepted})

    assert (answer.headers.get("Content-Encoding") == "gzip") is small
    assert answer.headers["ETag"].endswith('-gzip"') is small
    assert answer.content == (FOLDER / "page.css").read_bytes()


async def test_page_tells_of_every_file(served: Served) -> None:
    """The document names all files, so that a browser asks for them at once, and no file that is not there."""
    document = (await served.client.get("/")).text

    assert {f"/{name}" for name in re.findall(r'"(page/[\w.]+)"', document)} | {"/"} == set(PATHS)


def test_page_is_light() -> None:
    """All files together stay small for a phone on a bad day."""
    assert sum(len(gzip.compress((FOLDER / name).read_bytes())) for name in PATHS.values()) < WEIGHT
