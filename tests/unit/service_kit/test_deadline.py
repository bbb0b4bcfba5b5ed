"""How long an answer may take, from hop to hop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from service_kit import deadline
from service_kit.deadline import DeadlineMiddleware

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

pytestmark = pytest.mark.anyio
START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"whole"}


async def ask(
    header: str | None, *, begin_first: bool = False, forever: bool = False
) -> tuple[httpx.Response, list[str]]:
    """Ask an application that tells how it ended; it begins its answer before it works, or never ends working."""
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        if begin_first:
            await send(START)
        try:
            await asyncio.sleep(3600 if forever else 0.05)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise
        ends.append(f"{deadline.remaining(100.0):.0f}")
        if not begin_first:
            await send(START)
        await send(BODY)

    transport = httpx.ASGITransport(app=DeadlineMiddleware(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.get(
            "/", headers=httpx.Headers({deadline.HEADER: header} if header is not None else {}, "latin-1")
        ), ends


async def test_work_ends_with_the_time_for_it() -> None:
    """Who waits no longer is told so, and nothing goes on for nobody."""
    response, ends = await ask("20", forever=True)

    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")
    assert ends == ["cancelled"]


async def test_an_answer_that_has_begun_is_ended() -> None:
    """There is no taking back its status."""
    response, ends = await ask("10", begin_first=True)

    assert (response.status_code, response.text) == (200, "whole")
    assert ends == ["0"]


@pytest.mark.parametrize("header", [None, "", "-1", "1.5", "soon", "99999999", "\xb2"])
async def test_without_a_number_there_is_no_deadline(header: str | None) -> None:
    """What says nothing usable bounds nothing, and is no reason to refuse."""
    response, ends = await ask(header)

    assert (response.status_code, ends) == (200, ["100"])


async def test_enough_time_is_enough() -> None:
    """The application knows how much is left."""
    response, ends = await ask("60000")

    assert (response.status_code, ends) == (200, ["60"])


def test_a_deadline_within_another_is_no_later() -> None:
    """Nobody gives more time than they have."""
    with deadline.within(1.0), deadline.within(60.0):
        assert 0.5 < deadline.remaining(30.0) <= 1.0
        assert 500 < int(deadline.header()[deadline.HEADER]) <= 1000
    assert deadline.remaining(30.0) == 30.0
    assert deadline.header() == {}


def test_none_is_left_when_it_is_over() -> None:
    """Never less than none; what is told is still a number that bounds."""
    with deadline.within(-1.0):
        assert deadline.remaining(30.0) == 0.0
        assert deadline.header() == {deadline.HEADER: "1"}
