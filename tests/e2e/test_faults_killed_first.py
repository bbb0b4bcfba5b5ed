"""
SIGKILL at the boundaries of a first deploy, with a cloud that lives on; those of a later one: test_faults_killed.py.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.killed import die
from tests.e2e.world import World, call, row

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.killed import Point

pytestmark = pytest.mark.slow

# In a deploy's order.
FIRST: list[Point] = [
    ("bootstrap: nothing yet", call("sts", "POST"), 0, ""),
    ("bootstrap: a bucket, unprotected", call("s3", "PUT"), 1, ""),
    ("bootstrap: a bucket, no lock table", call("dynamodb", "CreateTable"), 0, ""),
    ("init", call("s3", "GET", terraform=True), 0, ""),
    ("repositories: made, not in the state", call("s3", "PUT", "demo/terraform.tfstate", terraform=True), 0, "both"),
]


def test_first_deploy_goes_on_from_wherever_it_was_killed(tmp_path: Path) -> None:
    """From an empty account, at each boundary in turn: every run goes on from what the dead one left."""
    with World(tmp_path) as world:
        for point in FIRST:
            die(world, point)

        ended = world.run()

        assert ended.code == 0, ended.lines
        assert len(world.releases()) == 1
        row("... and then", ended, "one release")
