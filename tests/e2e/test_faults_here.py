"""
What goes wrong on the machine itself: a full disk, and a checkout in which far too much lies.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.world import World, prepared, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

FILES, GIGABYTES = 50_000, 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("here"))


@contextlib.contextmanager
def full(folder: Path, *, kilobytes: int) -> Iterator[None]:
    """Have a file system of KILOBYTES at FOLDER until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={kilobytes}k"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


# How much room there is, in kilobytes, where temporary files go: for nothing, for Terraform's files but no plan.
@pytest.mark.parametrize("room", [16, 370], ids=["for nothing", "for no plan"])
def test_full_disk_is_told_and_locks_nobody_out(world: World, tmp_path: Path, room: int) -> None:
    """Which disk it is; no lock, no release; and with room again the next run goes on."""
    before = len(world.releases())
    world.change()

    with full(tmp_path / "full", kilobytes=room):
        ended = world.run(TMPDIR=str(tmp_path / "full"))

    row(f"disk full: {room} kB for temporary files", ended, "goes on")
    assert ended.code in {3, 6}, (ended.told, ended.lines)
    assert "no space left on" in ended.told.lower() or "full" in ended.told.lower(), ended.told
    assert ended.problem["hint"]
    assert "Traceback" not in ended.lines
    assert world.lock() is None
    assert len(world.releases()) == before
    after = world.run()
    assert after.code == 0, after.lines
    assert len(world.releases()) == before + 1


def test_full_disk_under_the_checkout_costs_the_log_and_nothing_else(world: World) -> None:
    """Where the run's log cannot be kept, the deploy is done all the same."""
    with full(world.checkout / ".carepath/demo", kilobytes=4):
        with contextlib.suppress(OSError), (world.checkout / ".carepath/demo/rest").open("wb") as rest:
            rest.write(b"x" * 8192)
        ended = world.run()

    row("disk full: no room for the run's log", ended, "-")
    assert "Traceback" not in ended.lines
    assert ended.code == 0, (ended.told, ended.lines)
    assert world.lock() is None
    assert world.run().code == 0


def test_huge_checkout_slows_nothing(world: World) -> None:
    """Gigabytes and tens of thousands of files beside the source, and in what is never sent, cost no second more."""
    usual = world.run()
    assert usual.code == 0, usual.lines
    places = [world.checkout / "huge.bin", world.checkout / "infra/terraform/envs/demo/.terraform/huge.bin"]
    for path in places:
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.truncate(GIGABYTES << 30)
    heap = world.checkout / "heap"
    for number in range(FILES):
        folder = heap / str(number // 500)
        if not number % 500:
            folder.mkdir(parents=True)
        (folder / str(number)).touch()

    ended = world.run()

    row(f"{len(places)} x {GIGABYTES} GB and {FILES} files in the checkout", ended, f"usually {usual.seconds:.1f} s")
    assert ended.code == 0, ended.lines
    assert dict(ended.stages)["build"] == "unchanged"
    assert ended.seconds < usual.seconds * 2 + 2
