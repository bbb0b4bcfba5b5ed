"""
SIGKILL at every boundary of a later deploy, with a cloud that lives on: no half release, and a way on.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.killed import die
from tests.e2e.world import POLL, World, call, of, prepared, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.killed import Point

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("killed"))


PUT_LOCK = call("dynamodb", "PutItem", terraform=True)
# In a deploy's order.
LATER: list[Point] = [
    ("build", call("ecr", "DescribeImages"), 0, ""),
    ("publish: pushed, without the tag it is found by", call("ecr", "PutImage"), 0, ""),
    ("publish: found, but not told to be checked", call("ecr", "PutImage"), 0, ""),
    ("plan: one lock of two", PUT_LOCK, 0, "file"),
    ("plan: both locks", call("s3", "GET", ".tflock", terraform=True), 0, "both"),
    ("plan: one lock given back", call("dynamodb", "DeleteItem", terraform=True), 0, "table"),
    ("verify: not yet told to be deployed", call("ecr", "PutImage"), 0, ""),
    ("apply: before Terraform", call("s3", "PUT", "run.json"), 0, ""),
    ("apply: one lock of two", PUT_LOCK, 1, "file"),
    ("apply: made, not in the state", call("s3", "PUT", "demo/terraform.tfstate", terraform=True), 0, "both"),
    ("apply: state saved, without its checksum", PUT_LOCK, 2, "checksum"),
]
# What was applied is not applied again, so each of these needs a change of its own.
LAST: list[Point] = [
    ("apply: state saved, both locks held", call("s3", "GET", ".tflock", terraform=True), 1, "both"),
    # The one before died while it said that it applies, so this is the first word of the run itself.
    ("apply: over, not said", call("s3", "PUT", "run.json"), 0, ""),
    (
        "smoke: passed, no release recorded",
        lambda asked: asked.operation == "PUT" and "/releases/" in asked.path,
        0,
        "",
    ),
]


def test_later_deploy_goes_on_from_wherever_it_was_killed(world: World) -> None:
    """At each boundary in turn; what was published before is found, and no release is recorded but the last one."""
    before = len(world.releases())
    world.change()
    for point in LATER:
        die(world, point)
    for point in LAST:
        world.change()
        die(world, point)
    assert len(world.releases()) == before

    ended = world.run()

    assert ended.code == 0, ended.lines
    assert len(world.releases()) == before + 1
    assert world.lock() is None
    row("... and then", ended, "one release")


def test_apply_whose_pipeline_alone_is_killed(world: World) -> None:
    """Terraform ends when it next says something to nobody: told to who comes meanwhile and later, with the way out."""
    before = len(world.releases())
    world.change()
    world.delays["kubernetes_deployment_v1"] = 3.0
    going = world.start()
    going.wait_for("▶ apply")
    while (world.lock() or {}).get("Operation") != "OperationTypeApply":
        time.sleep(POLL)

    going.kill(machine=False)
    meanwhile = world.run("drift")
    while of(world.checkout):
        time.sleep(POLL)
    world.delays.clear()
    later = world.run("drift")

    row("SIGKILL of the pipeline alone, in an apply", later, "told, unlocked, goes on")
    for ended in (meanwhile, later):
        assert (ended.code, ended.problem["code"]) == (7, "state_locked"), ended.lines
    assert world.follow(later.told).code == 0
    assert world.lock() is None
    assert len(world.releases()) == before
    after = world.run()
    assert after.code == 0, after.lines
    assert len(world.releases()) == before + 1
