"""The check stage on the Dagger engine: what the images' tests share, and what they do not touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.engines.dagger.packages import INSTALLER
from ci.services import CHAT_API, CHECK_LOCK, DB_API
from tests.integration.pipeline.double.invariants import execs
from tests.integration.pipeline.double.script import argv

if TYPE_CHECKING:
    from tests.integration.pipeline.double.chain import Call
    from tests.integration.pipeline.world import World


def checks(world: World) -> list[Call]:
    """Return the execs that run a service's tests."""
    return [step for step in execs(world.session.chains) if argv("-m", "pytest")(step)]


def test_check_of_both_services_installs_tools_once(world: World) -> None:
    """The tools rest on the base image and their lock alone, so the engine has one layer for both."""
    world.run(lambda pipeline: pipeline.deploy())

    installs = [step for step in execs(world.session.chains) if INSTALLER in step.argv and CHECK_LOCK in step.argv]
    assert len(checks(world)) == 2
    assert len({step.digest for step in installs}) == 1


def test_check_runs_fast_tests_of_its_service_alone(world: World) -> None:
    world.run(lambda pipeline: pipeline.deploy())

    assert sorted(step.argv for step in checks(world)) == sorted(
        ["python", *service.test_command] for service in (DB_API, CHAT_API)
    )
    for service in (DB_API, CHAT_API):
        assert service.test_command[-4:] == ["-m", "not slow", *service.tests]


def test_check_runs_as_user_of_image(world: World) -> None:
    """Tests that pass as root only would prove nothing of the image's user."""
    world.run(lambda pipeline: pipeline.deploy())

    assert [call for step in checks(world) for call in step.line if call.field == "withUser"] == []
