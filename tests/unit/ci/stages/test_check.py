"""Checking: each service's tests run in the image that would be deployed, once."""

from __future__ import annotations

import pytest

from ci.errors import CheckFailed
from ci.services import CHAT_API, DB_API
from ci.stages.build import Candidate
from ci.stages.check import check
from tests.unit.ci.scripted import ScriptedEngine

pytestmark = pytest.mark.anyio

BUILT = Candidate(DB_API, "src-1", "checked-1")
FOUND = Candidate(CHAT_API, "src-2", "checked-2", digest="sha256:2")


async def test_both_failures_are_told() -> None:
    """Nobody mends one service only to learn of the other's tests."""
    failures = {
        each.name: CheckFailed(f"{each.name} failed.", code="tests_failed", detail="1 failed, 9 passed")
        for each in (DB_API, CHAT_API)
    }

    with pytest.raises(CheckFailed) as caught:
        await check(ScriptedEngine(check=failures), [BUILT, FOUND], "registry")

    assert caught.value.exit_code == 4
    assert "chat-api failed." in caught.value.title + caught.value.detail
    assert "db-api failed." in caught.value.title + caught.value.detail


async def test_tests_run_in_the_image_that_is_there() -> None:
    """An image that was just built is tested as built, one from the registry as it is there."""
    engine = ScriptedEngine()

    lines = await check(engine, [BUILT, FOUND], "registry")

    assert sorted(engine.asked["check"], key=str) == [
        ("chat-api", "registry/carepath-chat-api@sha256:2"),
        ("db-api", None),
    ]
    assert lines == {"db-api": "db-api: 1 passed", "chat-api": "chat-api: 1 passed"}


async def test_what_passed_before_is_not_run_again() -> None:
    """Tests that passed on these files in this image are not repeated."""
    engine = ScriptedEngine()
    passed = Candidate(CHAT_API, "src-2", "checked-2", digest="sha256:2", checked=True)

    assert set(await check(engine, [BUILT, passed], "registry")) == {"db-api"}
    assert await check(engine, [passed], "registry") == {}
    assert [service for service, _ in engine.asked["check"]] == ["db-api"]
