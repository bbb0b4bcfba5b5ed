"""What goes wrong in a deploy on the Dagger engine: told in a sentence, with its code, and nothing left half-done."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from ci.aws import record_store as records
from ci.errors import (
    CheckFailed,
    ImageFailed,
    Interrupted,
    NotReady,
    PlanStale,
    SmokeFailed,
    StateLocked,
    TerraformFailed,
)
from ci.terraform import backend
from tests.integration.pipeline.double.script import Answer, argv, leaf
from tests.integration.pipeline.world import outputs_json, terraform

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.pipeline.double.chain import Call
    from tests.integration.pipeline.double.script import Matches
    from tests.integration.pipeline.world import World

LOCKED = """
Error: Error acquiring the state lock

Error message: operation error DynamoDB: PutItem, ConditionalCheckFailedException
Lock Info:
  ID:        4b6c9c3e-1111-2222-3333-444455556666
  Path:      bucket/demo/terraform.tfstate
  Operation: OperationTypeApply
  Who:       root@dagger
  Version:   1.11.4
  Created:   2026-11-23 10:00:00.000000000 +0000 UTC
  Info:
"""


def happened(world: World, matches: Matches) -> int:
    return len([record for record in world.session.records if matches(record.call)])


def built(call: Call) -> bool:
    return any(each.field == "dockerBuild" for each in call.line)


def second_show_onwards(world: World) -> None:
    """Start with a deploy behind us, so that the only apply is the one of the whole."""
    known = outputs_json(db_api_repo_url="r", chat_api_url=world.chat, deployed_images={"db_api": "a", "chat_api": "b"})
    world.session.script.on(terraform("output"), Answer(stdout=known))


def test_failing_tests_publish_nothing(world: World) -> None:
    """One service's failing test keeps both out of the registry, and its tail is told."""
    world.session.script.on(argv("-m", "pytest"), Answer(exit_code=1, stdout="E   assert 1 == 2\n1 failed"), times=1)

    with pytest.raises(CheckFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.exit_code == 4
    assert "assert 1 == 2" in failure.value.detail
    assert happened(world, leaf("publish")) == 0
    assert happened(world, argv("-m", "pytest")) == 2


@pytest.mark.slow
def test_both_failing_services_are_told(world: World) -> None:
    """The second failure is not lost behind the first."""
    world.session.script.on(argv("-m", "pytest"), Answer(exit_code=1, stdout="1 failed"))

    with pytest.raises(CheckFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    told = f"{failure.value.title}\n{failure.value.detail}"
    assert "db-api" in told
    assert "chat-api" in told


@pytest.mark.slow
def test_image_that_cannot_be_built_ends_the_run(world: World) -> None:
    """A build that breaks is code 5 with its cause; nothing is tested, pushed or planned for it."""
    second_show_onwards(world)
    broken = Answer(error='process "pip install" did not complete successfully')
    world.session.script.on(lambda call: call.field == "sync" and built(call) and call.last_exec is None, broken)

    with pytest.raises(ImageFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.exit_code == 5
    assert "pip install" in failure.value.detail
    assert happened(world, argv("-m", "pytest")) == happened(world, terraform("plan")) == 0


@pytest.mark.slow
def test_refused_push_ends_the_run_before_the_plan(world: World) -> None:
    """What is not in the registry is not planned."""
    second_show_onwards(world)
    world.session.script.on(leaf("publish"), Answer(error="denied: not authorized"))

    with pytest.raises(ImageFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.code == "push_refused"
    assert "denied" in failure.value.detail
    assert happened(world, terraform("plan")) == 0


@pytest.mark.slow
def test_locked_state_tells_by_whom_and_since_when(world: World) -> None:
    """The holder is who the record beside the state names: Terraform itself only knows a container."""
    second_show_onwards(world)
    world.session.script.on(terraform("plan"), Answer(exit_code=1, stderr=LOCKED))
    pipeline = world.pipeline()
    backend.make(pipeline.aws)
    records.put(pipeline.aws, "run.json", {"run": "other", "who": "ada@laptop", "commit": "abc123", "started": "now"})

    with pytest.raises(StateLocked) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.exit_code == 7
    assert "ada@laptop at abc123" in failure.value.title
    assert "2026-11-23 10:00:00" in failure.value.title
    assert "python ci/main.py unlock 4b6c9c3e-1111-2222-3333-444455556666" in failure.value.hint


def test_stale_plan_is_told_as_such(world: World) -> None:
    """A plan that no longer fits the state is code 8, not a Terraform failure like another."""
    second_show_onwards(world)
    world.session.script.on(terraform("apply"), Answer(exit_code=1, stderr="Error: Saved plan is stale"))

    with pytest.raises(PlanStale) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.exit_code == 8


@pytest.mark.slow
def test_apply_that_fails_midway_says_how_to_go_on(world: World) -> None:
    """The state is kept, the cause is shown, and the smoke test asks nothing."""
    second_show_onwards(world)
    world.session.script.on(terraform("apply"), Answer(exit_code=1, stderr="Error: creating EKS Cluster: denied"))

    with pytest.raises(TerraformFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.exit_code == 6
    assert "creating EKS Cluster" in failure.value.detail
    assert "run the same command again" in failure.value.hint
    assert not world.report.checks


@pytest.mark.slow
def test_state_that_could_not_be_saved_is_brought_out_of_the_container(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`errored.tfstate` would be gone with the container; it lands here, readable by its owner only."""
    second_show_onwards(world)
    monkeypatch.setattr("ci.settings.ROOT", tmp_path)
    world.session.script.on(terraform("apply"), Answer(exit_code=1, stderr="Error: Failed to save state"))
    world.session.script.on(leaf("entries"), Answer(value=["errored.tfstate", "main.tf"]))
    world.session.script.on(leaf("contents", path="errored.tfstate"), Answer(value='{"serial": 7}'))

    with pytest.raises(TerraformFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    (rescued,) = (tmp_path / ".carepath/demo").glob("errored-*.tfstate")
    assert failure.value.code == "state_not_saved"
    assert str(rescued) in failure.value.hint
    assert rescued.stat().st_mode & 0o777 == 0o600


def test_lost_reply_does_not_send_an_apply_again(world: World) -> None:
    """An engine that is lost midway is told; the apply may have happened, so it is not repeated."""
    second_show_onwards(world)
    world.session.script.on(terraform("apply"), Answer(status=502))

    with pytest.raises(NotReady) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.code == "engine_lost"
    assert happened(world, terraform("apply")) == 1


def test_smoke_that_fails_says_what_is_deployed_and_the_way_back(world: World) -> None:
    """A deploy that does not answer is code 9, names the images, and says how to go back."""
    known = outputs_json(
        db_api_repo_url="r", chat_api_url="http://127.0.0.1:1", deployed_images={"db_api": "a", "chat_api": "b"}
    )
    world.session.script.on(terraform("output"), Answer(stdout=known))
    ran = {"started": "then", "who": "ada", "commit": "", "kind": "deploy", "of": ""}
    aws = world.pipeline().aws
    backend.make(aws)
    records.put(aws, "releases/2026-01-01.json", {**ran, "images": {"db_api": "a", "chat_api": "b"}})

    with pytest.raises(SmokeFailed) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert failure.value.exit_code == 9
    assert "carepath-db-api@sha256:" in failure.value.detail
    assert "`python ci/main.py rollback --to 2026-01-01`" in failure.value.hint


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)], ids=["SIGINT", "SIGTERM"]
)
def test_interrupt_in_an_apply_asks_terraform_to_stop_and_waits(world: World, number: signal.Signals) -> None:
    """The mailbox gets its file while apply runs; apply ends by itself and the run says it was interrupted."""
    second_show_onwards(world)
    asked = threading.Event()
    began = threading.Event()

    def running() -> None:
        began.set()
        os.kill(os.getpid(), number)
        assert asked.wait(20), "nobody asked Terraform to stop"

    stopped = Answer(exit_code=1, stderr="Interrupt received.\nGracefully shutting down...", hold=running)
    world.session.script.on(terraform("apply"), stopped)
    world.session.script.on(argv("touch"), Answer(hold=asked.set))

    with pytest.raises(Interrupted) as failure:
        world.run(lambda pipeline: pipeline.deploy())

    assert began.is_set()
    assert failure.value.exit_code == 130
    assert happened(world, argv("touch")) == 1
    assert any("release its lock" in line for line in world.said)
    assert world.report.stages[-1].name == "apply"


@pytest.mark.slow
def test_interrupt_in_a_build_cancels_it(world: World) -> None:
    """Where nothing outside is held, the first interrupt ends the run; nothing is pushed."""
    second_show_onwards(world)
    world.session.script.on(
        argv("-m", "pytest"), Answer(hold=lambda: os.kill(os.getpid(), signal.SIGINT), delay=1.0), times=1
    )

    with pytest.raises(Interrupted):
        world.run(lambda pipeline: pipeline.deploy())

    assert happened(world, leaf("publish")) == 0
    assert world.report.stages[-1].status == "interrupted"
