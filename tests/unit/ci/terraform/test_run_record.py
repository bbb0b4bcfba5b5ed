"""Who holds the state's lock, as the runs themselves tell it beside the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci import commit
from ci.aws import record_store as records
from ci.aws.client import Aws
from ci.errors import Interrupted, StateLocked, TerraformFailed
from ci.pipeline import Pipeline
from ci.process.interrupts import Interrupts
from ci.report.model import Report
from ci.report.progress import Progress
from ci.settings import Settings
from ci.terraform import backend
from ci.terraform.cli import Completed
from ci.terraform.run_record import RECORD, last_run
from tests.unit.ci.conftest import CREDENTIALS, REGION
from tests.unit.ci.scripted import ScriptedEngine, ScriptedTerraform, outputs_json, plan_json

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[ScriptedTerraform], Pipeline]

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("source_tree", "checkout")]

DEPLOYED = {"db_api": "r/db@sha256:1", "chat_api": "r/chat@sha256:2"}
LOCKED = Completed(
    1, "", "Error: Error acquiring the state lock\nLock Info:\n  ID: 1\n  Who: root@x\n  Created: today\n"
)
GRACE = {"run": "another", "who": "grace@laptop", "commit": "", "started": "2026-01-01T00:00:00Z"}


def terraform(**answers: Completed) -> ScriptedTerraform:
    """Return a Terraform that would destroy one resource, but for ANSWERS."""
    plan = Completed(0, plan_json(("module.app.a.b", "delete")), "")
    outputs = Completed(0, outputs_json(deployed_images=DEPLOYED), "")
    return ScriptedTerraform(**{"output": outputs, "plan": Completed(2, "", ""), "show": plan, **answers})


@pytest.fixture
def run(endpoint: str, client: Callable[[str], Any]) -> Run:
    """Return a function that makes a run of its own, on the one state."""
    settings = Settings(aws_endpoint_url=endpoint)
    aws = Aws(settings, REGION, CREDENTIALS)
    client("s3").create_bucket(Bucket=backend.locate(aws).bucket)

    def make(tf: ScriptedTerraform) -> Pipeline:
        progress = Progress(Report("destroy", "demo"), quiet=True)
        return Pipeline(settings, ScriptedEngine(tf), aws, progress, Interrupts(lambda _: None))

    return make


async def told(run: Run) -> str:
    """Return what a run is told that finds the state locked at its plan."""
    with pytest.raises(StateLocked) as caught:
        await run(terraform(plan=LOCKED)).destroy()
    return caught.value.title


async def test_run_that_is_applying_is_named(run: Run) -> None:
    """While it applies, whoever waits learns its name."""
    seen = []

    class Applying(ScriptedTerraform):
        async def run(self, arguments: list[str]) -> Completed:
            if arguments[0] == "apply":
                seen.append(await told(run))
            return await super().run(arguments)

    await run(Applying(**terraform().answers)).destroy()

    assert commit.who() in seen[0]
    assert "root@x" not in seen[0]


@pytest.mark.parametrize("ending", [Completed(0, "", ""), Completed(1, "", "Error: quota exceeded")])
async def test_run_that_has_ended_is_not_named(run: Run, ending: Completed) -> None:
    """Well or badly, it gave its lock back: who holds it now is somebody whom only Terraform knows."""
    try:
        await run(terraform(apply=ending)).destroy()
    except TerraformFailed:
        assert ending.exit_code

    assert "root@x" in await told(run)


async def test_run_that_waits_writes_nothing_over_the_holder(run: Run) -> None:
    """Not even for a moment: whoever asks while it waits is told of the run that has the lock."""
    seen = []

    class Waiting(ScriptedTerraform):
        async def run(self, arguments: list[str]) -> Completed:
            if arguments[0] == "apply":
                seen.append(await told(run))
            return await super().run(arguments)

    waiting = run(Waiting(**{**terraform().answers, "apply": [LOCKED]}))
    records.put(waiting.aws, RECORD, GRACE)

    with pytest.raises(StateLocked, match="grace@laptop"):
        await waiting.destroy()

    assert "grace@laptop" in seen[0]
    assert records.get(waiting.aws, RECORD) == GRACE


async def test_run_whose_lock_was_free_after_all_ends_the_dead_ones_record(run: Run) -> None:
    """Who has applied had the lock: the run that is still named there died without a word."""
    alive = run(terraform())
    records.put(alive.aws, RECORD, GRACE)

    await alive.destroy()

    assert "root@x" in await told(run)


async def test_record_of_a_run_that_came_at_the_same_time_stays(run: Run) -> None:
    """Two that find nobody both write; the one that is locked out leaves the other's name."""

    class Overtaken(ScriptedTerraform):
        async def run(self, arguments: list[str]) -> Completed:
            if arguments[0] == "apply":
                records.put(late.aws, RECORD, GRACE)
            return await super().run(arguments)

    late = run(Overtaken(**{**terraform().answers, "apply": [LOCKED]}))

    with pytest.raises(StateLocked, match="grace@laptop"):
        await late.destroy()

    assert records.get(late.aws, RECORD) == GRACE


async def test_run_that_waits_in_vain_does_not_take_the_name(run: Run) -> None:
    """The record still names the run that holds the lock."""
    waiting = run(terraform(apply=LOCKED))
    records.put(waiting.aws, RECORD, GRACE)

    with pytest.raises(StateLocked, match="grace@laptop"):
        await waiting.destroy()

    assert "grace@laptop" in await told(run)


async def test_run_that_is_interrupted_while_it_waits_does_not_either(run: Run) -> None:
    """Whoever gives up waiting leaves everything as it was."""
    waiting = run(terraform(apply=LOCKED))
    records.put(waiting.aws, RECORD, GRACE)
    waiting.interrupts.received = True

    with pytest.raises((Interrupted, StateLocked)):
        await waiting.destroy()

    assert "grace@laptop" in await told(run)


@pytest.mark.parametrize("record", [{}, {"run": "another"}, {**GRACE, "who": None}])
async def test_damaged_record_names_nobody_and_is_written_anew(run: Run, record: dict[str, Any]) -> None:
    """What nobody can read holds nobody up: the next run that applies writes its own over it."""
    alive = run(terraform())
    records.put(alive.aws, RECORD, record)
    assert "root@x" in await told(run)

    await alive.destroy()

    last = last_run(alive.aws)
    assert last
    assert (last.who, last.ended) == (commit.who(), True)


async def test_plan_that_was_applied_whole_is_kept_by_its_hash(run: Run) -> None:
    """Of one that failed nothing is said: the rest of it is another plan."""
    failing, well = run(terraform(apply=Completed(1, "", "Error: quota exceeded"))), run(terraform())

    with pytest.raises(TerraformFailed):
        await failing.destroy()
    failed = last_run(failing.aws)
    await well.destroy()

    assert failed
    assert failed.applied == ""
    last = last_run(well.aws)
    assert last
    assert well.report.plan
    assert last.applied == well.report.plan.digest
