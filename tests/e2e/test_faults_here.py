"""
What goes wrong on the machine itself: a full disk, and a checkout in which more lies than the source.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.world import World, full, prepared, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("here"))


# Kilobytes for temporary files: enough for Terraform's files and not for a plan. None at all is in test_deliveries.py.
ROOM = 370


def test_full_disk_is_told_and_locks_nobody_out(world: World, tmp_path: Path) -> None:
    """Which disk it is; no lock, no release; and with room again the next run goes on."""
    before = len(world.releases())
    world.change()

    with full(tmp_path / "full", kilobytes=ROOM):
        ended = world.run(TMPDIR=str(tmp_path / "full"))

    row(f"disk full: {ROOM} kB for temporary files", ended, "goes on")
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


def test_file_that_no_list_names_is_never_opened(world: World) -> None:
    """Whatever lies next to the source, however large: who opened one of these pipes would wait for a writer."""
    places = ("huge.bin", "heap/huge.bin", "infra/terraform/envs/demo/.terraform/huge.bin")
    assert world.run().code == 0
    for place in places:
        path = world.checkout / place
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
    try:
        ended = world.run()
    finally:
        for place in places:
            (world.checkout / place).unlink()

    row(f"{len(places)} files that cannot be read in the checkout", ended, "-")
    assert ended.code == 0, ended.lines
    assert dict(ended.stages)["build"] == "unchanged"
