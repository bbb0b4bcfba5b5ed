"""
Deliveries to a cloud that was deployed to before: what changes, what stops one, and how the next goes on.

One case of each kind; the other rows of the tables are in test_faults_*.py and test_rollback.py. The tests share a
cloud, and each leaves in it at most a change of db-api that was not deployed.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.crooked_aws import SILENT, CrookedAws, Fault
from tests.e2e.world import World, call, full, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


DEPLOYMENT = "kubernetes_deployment_v1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("deliveries"))


def test_changed_line_changes_one_deployment_and_rollback_restores_it(world: World) -> None:
    """The other service keeps its digest; the release before is one command away, and both are recorded."""
    before = world.releases()
    world.change()

    changed = world.run()

    assert changed.code == 0, changed.lines
    assert changed.report
    assert changed.report["plan"]["by_module"] == {"module.app": {"update": 1}}
    release = world.releases()[-1]
    assert release["images"]["chat_api"] == before[-1]["images"]["chat_api"]
    assert release["images"]["db_api"] != before[-1]["images"]["db_api"]

    back = world.run("rollback")

    assert back.code == 0, back.lines
    assert back.report
    assert {change["address"] for change in back.report["plan"]["changes"]} == {f"module.app.{DEPLOYMENT}.db_api"}
    assert [each["kind"] for each in world.releases()[len(before) :]] == ["deploy", "rollback"]
    assert world.releases()[-1]["images"] == before[-1]["images"]


def test_failing_test_publishes_nothing(world: World) -> None:
    """A service whose tests fail ends the run with code 4 and the end of their output, before anything is pushed."""
    images = world.images()
    world.change()
    broken = world.checkout / "tests/unit/service_db_api/test_broken.py"
    broken.write_text('def test_broken() -> None:\n    """Fail."""\n    assert 1 == 2\n')
    try:
        ended = world.run()
    finally:
        broken.unlink()

    assert (ended.code, ended.problem["code"]) == (4, "tests_failed"), ended.lines
    assert "assert 1 == 2" in ended.problem["detail"]
    assert ended.stages[-1] == ("check", "failed")
    assert world.images() == images


def test_silent_aws_ends_the_run_with_a_hint(world: World) -> None:
    """The pipeline stops asking after its time-out, says what to do, and leaves no lock."""
    with CrookedAws(world.cloud.endpoint) as aws:
        aws.spoil(Fault(lambda asked: asked.service == "s3", SILENT))
        ended = world.run_impatiently(aws)

    assert (ended.code, ended.problem["code"], ended.stages[-1][0]) == (3, "aws_unreachable", "bootstrap"), ended.lines
    assert ended.problem["hint"]
    assert "Traceback" not in ended.lines
    assert world.lock() is None


def test_full_disk_is_reported_and_leaves_no_lock(world: World, tmp_path: Path) -> None:
    before = world.releases()
    with full(tmp_path / "full", kilobytes=16):
        ended = world.run(TMPDIR=str(tmp_path / "full"))

    assert ended.code in {3, 6}, (ended.told, ended.lines)
    assert "no space left on" in ended.told.lower() or "full" in ended.told.lower(), ended.told
    assert ended.problem["hint"]
    assert "Traceback" not in ended.lines
    assert world.lock() is None
    assert world.releases() == before


def test_deploy_after_an_interrupt_and_a_kill_records_one_release(world: World) -> None:
    """
    Ctrl-C inside an apply gives the lock back; a kill leaves it, and the next run names the command that removes it.

    After both, one run deploys what was left.
    """
    before = len(world.releases())

    # Ctrl-C inside an apply.
    world.change()
    with world.applying() as going:
        going.process.send_signal(signal.SIGINT)
        interrupted = going.end()
    assert (interrupted.code, interrupted.problem["code"]) == (130, "interrupted"), interrupted.lines
    assert interrupted.stages[-1] == ("apply", "interrupted")
    assert "release its lock" in interrupted.lines
    assert "Run the same command again" in interrupted.told
    assert world.lock() is None

    # A kill inside the next plan, which holds both locks.
    world.change()
    world.killed_at(call("s3", "GET", ".tflock", terraform=True))
    assert world.lock() is not None
    blocked = world.run("drift")
    assert (blocked.code, blocked.problem["code"]) == (7, "state_locked"), blocked.told
    assert world.follow(blocked.told).code == 0
    assert world.lock() is None
    assert len(world.releases()) == before

    ended = world.run()
    assert ended.code == 0, ended.lines
    assert ("apply", "done") in ended.stages
    assert len(world.releases()) == before + 1
