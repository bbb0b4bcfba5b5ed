"""A Terraform that was asked to stop ends with an error of its own; what is told is that it stopped, as asked."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from ci.aws.client import Aws
from ci.errors import Interrupted, TerraformFailed
from ci.pipeline import Pipeline
from ci.process.interrupts import Interrupts
from ci.report.model import Report
from ci.report.progress import Progress
from ci.settings import Settings
from ci.terraform import backend
from ci.terraform.cli import Completed
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.scripted import ScriptedEngine, ScriptedTerraform, outputs_json, plan_json

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[ScriptedTerraform], Pipeline]

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("source_tree", "checkout")]

DEPLOYED = {"db_api": "r/db@sha256:1", "chat_api": "r/chat@sha256:2"}
CANCELLED = Completed(1, "a: Creation complete after 1s", "Interrupt received.\nError: operation canceled")
OWN_LOCK = Completed(1, "", "Error: Error acquiring the state lock\nLock Info:\n  ID: 1\n  Who: me@here\n")


class Stopped(ScriptedTerraform):
    """Terraform that is interrupted while it runs COMMAND, and then ends with ENDING."""

    def __init__(self, command: str, ending: Completed) -> None:
        plan = Completed(0, plan_json(("module.app.a.b", "delete")), "")
        outputs = Completed(0, outputs_json(deployed_images=DEPLOYED), "")
        super().__init__(output=outputs, plan=Completed(2, "", ""), show=plan)
        self.answers[command] = [ending]
        self.command = command
        self.asked_to_stop = anyio.Event()

    async def run(self, arguments: list[str]) -> Completed:
        if arguments[0] == self.command:
            with anyio.CancelScope(shield=True):
                os.kill(os.getpid(), signal.SIGINT)
                await self.asked_to_stop.wait()
        return await super().run(arguments)

    async def stop(self) -> bool:
        self.asked_to_stop.set()
        return await super().stop()


@pytest.fixture
def run(endpoint: str, client: Callable[[str], Any]) -> Run:
    """Return a function that makes a run on a state that is there."""
    settings = Settings(aws_endpoint_url=endpoint)
    aws = Aws(settings, REGION, CREDENTIALS)
    client("s3").create_bucket(Bucket=backend.locate(aws).bucket)

    def make(tf: ScriptedTerraform) -> Pipeline:
        progress = Progress(Report("destroy", "demo"), quiet=True)
        return Pipeline(settings, ScriptedEngine(tf), aws, progress, Interrupts(lambda _: None))

    return make


@pytest.mark.parametrize("ending", [CANCELLED, OWN_LOCK], ids=["cancelled", "own lock"])
@pytest.mark.parametrize("command", ["init", "output", "plan", "show", "apply"])
async def test_terraform_that_was_stopped_has_not_failed(run: Run, command: str, ending: Completed) -> None:
    """Whatever it was doing: exit code 130, no stage that failed, and no word of a lock that was the run's own."""
    tf = Stopped(command, ending)
    pipeline = run(tf)

    with pytest.raises(Interrupted) as caught, anyio.fail_after(10):
        await pipeline.interrupts.run(pipeline.destroy)

    assert (caught.value.exit_code, caught.value.code) == (130, "interrupted")
    assert "me@here" not in str(caught.value.as_dict())
    assert "failed" not in {stage.status for stage in pipeline.report.stages}
    assert command == "output" or pipeline.report.stages[-1].status == "interrupted"
    assert tf.commands[-1] == command


async def test_interrupted_bootstrap_has_not_failed(run: Run) -> None:
    """`bootstrap` runs an init of its own."""
    pipeline = run(Stopped("init", CANCELLED))

    with pytest.raises(Interrupted), anyio.fail_after(10):
        await pipeline.interrupts.run(pipeline.bootstrap)

    assert pipeline.report.stages[-1].status == "interrupted"


async def test_interrupted_apply_tells_what_was_made(run: Run) -> None:
    """Only an apply leaves something behind."""
    pipeline = run(Stopped("apply", CANCELLED))

    with pytest.raises(Interrupted) as caught, anyio.fail_after(10):
        await pipeline.interrupts.run(pipeline.destroy)

    assert "1 changes were made before it ended." in caught.value.detail


async def test_state_that_was_not_saved_is_a_failure_all_the_same(run: Run) -> None:
    """Somebody has to push it, whatever was asked."""
    tf = Stopped("apply", CANCELLED)
    tf.files["errored.tfstate"] = b"{}"
    pipeline = run(tf)

    with pytest.raises(TerraformFailed) as caught, anyio.fail_after(10):
        await pipeline.interrupts.run(pipeline.destroy)

    assert (caught.value.code, caught.value.exit_code) == ("state_not_saved", 6)
    assert pipeline.report.stages[-1].status == "failed"
