"""
Signals inside an apply, and two deploys at once: Terraform stops gracefully, one of two waits or is told of the other.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from ci import commit
from tests.e2e.crooked_aws import SILENT, Fault
from tests.e2e.world import Going, World, end_all_in, prepared, row
from tests.support.checkout import copy_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("at-once"))


@pytest.fixture(autouse=True)
def _mended(world: World) -> Iterator[None]:
    """Leave nothing wrong to the next test."""
    yield
    world.well()
    end_all_in(world.checkout)


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second person's checkout: in one, two rehearsals take turns before they reach the cloud."""
    return copy_checkout(tmp_path_factory.mktemp("another") / "carepath")


@pytest.fixture
def applying(world: World) -> Iterator[Going]:
    """Begin a deploy and return it while Terraform applies."""
    world.change()
    with world.applying() as going:
        yield going


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_signal_inside_an_apply_keeps_the_state_and_gives_the_lock_back(
    world: World, applying: Going, number: signal.Signals
) -> None:
    """Exit code 130; nothing is locked, nothing recorded, and the next run does what was left."""
    before = len(world.releases())

    applying.process.send_signal(number)
    ended = applying.end()

    row(f"{number.name} inside an apply", ended, "goes on")
    assert (ended.code, ended.problem["code"]) == (130, "interrupted"), ended.lines
    assert ended.stages[-1] == ("apply", "interrupted")
    assert "release its lock" in ended.lines
    assert "Run the same command again" in ended.told
    assert "Traceback" not in ended.lines
    assert world.lock() is None
    assert len(world.releases()) == before
    world.delays.clear()
    after = world.run()
    assert after.code == 0, after.lines
    assert ("apply", "done") in after.stages
    assert len(world.releases()) == before + 1


def test_third_ctrl_c_ends_a_terraform_that_hangs(world: World) -> None:
    """Once asks, twice warns, and the third time ends what would wait for ever."""
    before = len(world.releases())
    world.change()
    fault = world.aws.spoil(Fault(lambda asked: asked.service == "s3" and asked.by_terraform, SILENT))
    going = world.start()
    while not fault.hit:
        time.sleep(0.02)

    for said in ("Stopping", "Still stopping", "Terraform was told to end at once"):
        going.process.send_signal(signal.SIGINT)
        going.wait_for(said)
    ended = going.end(30)

    world.well()
    row("three times Ctrl-C, S3 never answers", ended, "goes on")
    assert (ended.code, ended.problem["code"]) == (130, "interrupted"), ended.lines
    assert "Traceback" not in ended.lines
    assert world.lock() is None
    assert world.run().code == 0
    assert len(world.releases()) == before + 1


def test_second_deploy_that_does_not_wait_is_told_who_applies(world: World, another: Path) -> None:
    """It leaves with 7 and the holder's name; the first goes on, and later the second does too."""
    world.change()
    with world.saving() as first:
        second = world.run(checkout=another)

        row("two deploys at once, no patience", second, "goes on")
        assert (second.code, second.problem.get("code")) == (7, "state_locked"), second.lines
        assert commit.who() in second.problem["title"]
        assert "Wait for that run to end" in second.problem["hint"]
        assert "Traceback" not in second.lines
        world.well()
        assert first.end().code == 0
    assert world.lock() is None
    assert world.run(checkout=another).code == 0


def test_second_deploy_with_patience_waits(world: World, another: Path) -> None:
    """Both are done, one after the other, and each is a release or has nothing left to do."""
    world.change()
    world.change(another)
    with world.saving() as first:
        waiting = world.start(checkout=another, CAREPATH_LOCK_TIMEOUT="60")
        waiting.wait_for("▶ plan")
        world.well()
        assert first.end().code == 0
        second = waiting.end()

    row("two deploys at once, a minute's patience", second, "-")
    assert second.code == 0, second.lines
    assert world.lock() is None
