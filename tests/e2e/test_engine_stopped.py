"""What stops a delivery on a real Dagger engine: Ctrl-C, a kill, a lost session. Run by `nox -s engine`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.world import Ended, Going

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]

LONG = 180.0
POLL = 0.1
# Seconds that the cluster takes, on which much waits: the apply is met there, with other things made.
DELAY = 60.0
CLUSTER = "aws_eks_cluster"


class Watched(dict[str, float]):
    """Delays that tell which types were asked for: those that Terraform has begun to apply."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield a cloud in which nothing was made yet."""
    made = World(tmp_path, "dagger")
    made.delays = Watched()
    with made:
        yield made


@pytest.fixture
def applying(world: World) -> Going:
    """Return a run in the middle of its first apply: the network is there, the cluster is being made."""
    assert isinstance(world.delays, Watched)
    world.delays[CLUSTER] = DELAY
    going = world.start()
    deadline = time.monotonic() + LONG
    while CLUSTER not in world.delays.asked:
        assert going.process.poll() is None, going.end().lines
        assert time.monotonic() < deadline
        time.sleep(POLL)
    world.delays.clear()
    return going


def goes_on(world: World, ended: Ended) -> None:
    """Fail unless the next run succeeds, makes what was left only, and records the one release."""
    assert world.releases() == []
    done = world.run()
    assert done.code == 0, done.lines
    assert done.report
    made = done.report["plan"]["by_module"]
    assert "module.network" not in made, made
    assert "module.eks" in made
    assert world.lock() is None
    assert len(world.releases()) == 1
    sys.stdout.write(f"{ended.code}, {ended.seconds:.0f} s; the next run {done.seconds:.0f} s\n")


def children(parent: int, word: bytes) -> list[int]:
    """List PARENT's processes whose command has WORD among its arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The program's name is in parentheses and may hold blanks; the parent stands second behind it.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and word in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_interrupt_in_an_apply_ends_terraform_gracefully(world: World, applying: Going, number: signal.Signals) -> None:
    """In its container it keeps what it made, saves its state and releases its lock, and does so at once."""
    began = time.monotonic()
    applying.process.send_signal(number)
    ended = applying.end()

    assert ended.code == 130, ended.lines
    assert ended.problem["code"] == "interrupted"
    assert "changes were made before it ended" in ended.told
    assert time.monotonic() - began < DELAY
    assert world.lock() is None
    goes_on(world, ended)


def test_program_that_is_killed_in_an_apply_leaves_a_lock_with_a_way_out(world: World, applying: Going) -> None:
    """The engine ends what a lost client had begun; the next run names the lock and the command that takes it away."""
    ended = applying.kill()

    blocked = world.run()
    assert blocked.code == 7, blocked.lines
    assert world.follow(blocked.told).code == 0

    # What was made since the state was last written is not in it: the plan makes it anew, and says so.
    assert world.run().code == 0
    assert world.lock() is None
    assert len(world.releases()) == 1
    sys.stdout.write(f"{ended.code}; the next run 7, unlock 0, the next run 0\n")


def test_session_that_is_lost_in_an_apply_is_told(world: World, applying: Going) -> None:
    """The engine's session dies under the run: it says that nobody knows what became of the apply, and what to do."""
    (session,) = children(applying.process.pid, b"session")
    os.kill(session, signal.SIGKILL)
    ended = applying.end()

    assert ended.code == 3, ended.lines
    assert ended.problem["code"] == "engine_lost"
    blocked = world.run()
    assert blocked.code == 7, blocked.lines
    assert world.follow(blocked.told).code == 0
    assert world.run().code == 0
    assert len(world.releases()) == 1
    sys.stdout.write("3 engine_lost; the next run 7, unlock 0, the next run 0\n")
