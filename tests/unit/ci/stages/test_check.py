"""Checking: each service's tests run in the image that would be deployed, once."""

from __future__ import annotations

import pytest

from ci.aws.client import Aws
from ci.engines.base import Registry
from ci.errors import CheckFailed, NotReady
from ci.services import CHAT_API, DB_API
from ci.settings import Settings
from ci.stages.build import Candidate
from ci.stages.check import SESSIONS, check, pulls
from ci.stages.login import login
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.scripted import ScriptedEngine

pytestmark = pytest.mark.anyio

BUILT = Candidate(DB_API, "1", "1")
FOUND = Candidate(CHAT_API, "2", "2", digest="sha256:2")
PASSED = Candidate(CHAT_API, "2", "2", digest="sha256:2", checked=True)
REGISTRY = Registry("registry", "planted-password")


async def test_both_failures_are_told() -> None:
    """Nobody mends one service only to learn of the other's tests."""
    failures = {
        each.name: CheckFailed(f"{each.name} failed.", code="tests_failed", detail="1 failed, 9 passed")
        for each in (DB_API, CHAT_API)
    }

    with pytest.raises(CheckFailed) as caught:
        await check(ScriptedEngine(check=failures), [BUILT, FOUND], REGISTRY)

    assert caught.value.exit_code == 4
    assert "chat-api failed." in caught.value.title + caught.value.detail
    assert "db-api failed." in caught.value.title + caught.value.detail


async def test_failures_of_services_and_of_the_project_are_told_together() -> None:
    """A misspelt type hides no failing test, and neither stops the other."""
    engine = ScriptedEngine(
        check={"db-api": CheckFailed("db-api failed.", code="tests_failed", detail="1 failed, 9 passed")},
        inspect={"types": CheckFailed("types failed.", code="session_failed", detail="1 error")},
    )

    with pytest.raises(CheckFailed) as caught:
        await check(engine, [BUILT], sessions=SESSIONS)

    assert engine.asked["inspect"] == ["lint", "types", "infra"]
    for told in ("db-api failed.", "types failed.", "1 error"):
        assert told in caught.value.title + caught.value.detail


async def test_sessions_are_told_beside_the_services() -> None:
    """What passed has its line, by its name."""
    lines = await check(ScriptedEngine(), [BUILT], sessions=["lint"])

    assert lines == {"db-api": "db-api: 1 passed", "lint": "2 passed"}


async def test_tests_run_in_the_image_that_is_there() -> None:
    """An image that was just built is tested as built, one from the registry as it is there."""
    engine = ScriptedEngine()

    lines = await check(engine, [BUILT, FOUND], REGISTRY)

    assert sorted(engine.asked["check"], key=str) == [
        ("chat-api", "registry/carepath-chat-api@sha256:2"),
        ("db-api", None),
    ]
    assert lines == {"db-api": "db-api: 1 passed", "chat-api": "chat-api: 1 passed"}


async def test_what_passed_before_is_not_run_again() -> None:
    """Tests that passed on these files in this image are not repeated."""
    engine = ScriptedEngine()

    assert set(await check(engine, [BUILT, PASSED], REGISTRY)) == {"db-api"}
    assert await check(engine, [PASSED], REGISTRY) == {}
    assert [service for service, _ in engine.asked["check"]] == ["db-api"]


async def test_pull_without_credentials_is_told(endpoint: str) -> None:
    """Nobody is logged in who could fetch ECR's password: a sentence, before any test is run."""
    with pytest.raises(NotReady) as caught:
        await login(Aws(Settings(aws_endpoint_url=endpoint), REGION), Settings(), wanted=pulls([FOUND]))

    assert caught.value.code == "aws_credentials_missing"


async def test_only_what_is_pulled_gets_the_password() -> None:
    """The image from the registry is asked for with ECR's password, the one that was built with none."""
    engine = ScriptedEngine()

    await check(engine, [BUILT], REGISTRY)
    await check(engine, [FOUND], REGISTRY)

    assert engine.logins == ["", "planted-password"]


@pytest.mark.parametrize(
    ("candidates", "settings", "fetched"),
    [
        ([BUILT, FOUND], Settings(), True),
        ([BUILT, PASSED], Settings(), False),
        ([FOUND], Settings(registry="localhost:5000"), False),
    ],
    ids=["pulled", "nothing-pulled", "stand-in"],
)
async def test_password_is_fetched_when_something_is_pulled(
    endpoint: str, candidates: list[Candidate], settings: Settings, *, fetched: bool
) -> None:
    """ECR's, and only for ECR: a registry that the settings name gets none."""
    told = settings.model_copy(update={"aws_endpoint_url": endpoint})

    found = await login(Aws(told, REGION, CREDENTIALS), told, wanted=pulls(candidates))

    assert bool(found.password) is fetched
    assert found.host == (settings.registry or "123456789012.dkr.ecr.us-east-1.amazonaws.com")
