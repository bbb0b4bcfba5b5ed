"""
S3, STS and the lock table at fault when Terraform asks them, or late in a deploy: expired, silent, replies lost.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.crooked_aws import LOST, SILENT, CrookedAws, Fault, Reply
from tests.e2e.world import World, prepared, row
from tests.e2e.wrong import EXPIRED, LOGIN, SETTLED, Wrong, ends_as_foretold, of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

# Terraform tries a call five times.
IN_TERRAFORM = {
    "S3 at the state: 500": Wrong(
        of("s3", "GET", "terraform.tfstate", terraform=True),
        Reply(500, "InternalError"),
        6,
        "terraform_init_failed",
        "init",
        "",
    ),
    "expired, from init on": Wrong(
        of("sts", terraform=True), Reply(403, "ExpiredToken"), 6, "terraform_init_failed", "init", LOGIN
    ),
    "expired, from the images on": Wrong(of("ecr"), EXPIRED, 3, "aws_credentials_expired", "init", LOGIN),
    "expired, from the plan's lock on": Wrong(
        of("s3", "PUT", ".tflock", terraform=True), EXPIRED, 6, "terraform_plan_failed", "plan", LOGIN
    ),
    "the clock, from the plan's lock on": Wrong(
        of("s3", "PUT", ".tflock", terraform=True),
        Reply(403, "RequestTimeTooSkewed"),
        6,
        "terraform_plan_failed",
        "plan",
        SETTLED,
    ),
    "expired, from the apply on": Wrong(
        of("s3", "PUT", "run.json"), EXPIRED, 3, "aws_credentials_expired", "apply", LOGIN
    ),
    "expired, at the record of the release": Wrong(
        lambda asked: "/releases/" in asked.path, EXPIRED, 3, "aws_credentials_expired", "smoke", LOGIN
    ),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("aws"))


@pytest.mark.parametrize("name", IN_TERRAFORM)
def test_service_that_fails_ends_the_run_with_a_hint(world: World, name: str) -> None:
    ends_as_foretold(world, name, IN_TERRAFORM[name])


def test_state_that_cannot_be_saved_is_rescued_and_pushed(world: World) -> None:
    """Credentials that expire inside an apply: the state is brought here, and the message says how to push it."""
    before = len(world.releases())
    world.change()
    fault = Fault(of("s3", "PUT", "demo/terraform.tfstate", terraform=True), EXPIRED)
    world.aws.spoil(fault)

    ended = world.run()

    world.well()
    row("expired, when the state is saved", ended, "goes on")
    assert (ended.code, ended.problem["code"]) == (6, "state_not_saved"), ended.told
    assert "terraform state push" in ended.told
    assert "Traceback" not in ended.lines
    assert len(world.releases()) == before
    assert world.lock() is None
    # What is lost of an update is planned again.
    after = world.run()
    assert after.code == 0, after.lines
    assert len(world.releases()) == before + 1


def test_lost_reply_of_the_lock_table_locks_nobody_out_for_ever(world: World) -> None:
    """The row is written and its answer lost: Terraform asks again and finds itself; the message leads out of it."""
    before = len(world.releases())
    world.change()
    world.aws.spoil(Fault(of("dynamodb", "PutItem", terraform=True), LOST, times=1))

    ended = world.run()

    row("DynamoDB: the lock's reply is lost", ended, "told, unlocked, goes on")
    assert ended.code == 7, ended.lines
    done = world.follow(ended.told)
    assert done.code == 0, done.told
    after = world.run()
    assert after.code == 0, after.lines
    assert len(world.releases()) == before + 1


@pytest.mark.parametrize("name", ["sts", "s3", "dynamodb"])
def test_service_that_never_answers_ends_the_run(world: World, name: str) -> None:
    """Terraform is ended after its time-out, and what to do is said."""
    with CrookedAws(world.cloud.endpoint) as aws:
        fault = aws.spoil(Fault(of(name, terraform=True), SILENT))
        ended = world.run_impatiently(aws)

    row(f"{name} never answers Terraform", ended, "goes on")
    assert fault.hit
    assert (ended.code, ended.problem["code"], ended.stages[-1][0]) == (6, "terraform_timeout", "init"), ended.lines
    assert ended.problem["hint"]
    assert "Traceback" not in ended.lines
    assert world.lock() is None
