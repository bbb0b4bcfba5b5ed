"""
S3, STS and the lock table at fault when the pipeline asks them: failing, broken off, late, silent; keys and clock.

Run with `-s`: each row of the table is printed. What Terraform asks is in test_faults_terraform.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.crooked_aws import RESET, SILENT, CrookedAws, Fault, Reply
from tests.e2e.world import World, prepared, row
from tests.e2e.wrong import LOGIN, SETTLED, Wrong, ends_as_foretold, of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

EARLY = {
    "STS: 503": Wrong(of("sts"), Reply(503, "ServiceUnavailable"), 3, "aws_unreachable", "bootstrap"),
    "STS: broken off": Wrong(of("sts"), RESET, 3, "aws_unreachable", "bootstrap", "network"),
    "STS: no such key": Wrong(
        of("sts"), Reply(403, "InvalidClientTokenId"), 3, "aws_credentials_unknown", "bootstrap", LOGIN
    ),
    "STS: expired": Wrong(of("sts"), Reply(403, "ExpiredToken"), 3, "aws_credentials_expired", "bootstrap", LOGIN),
    "STS: the clock": Wrong(
        of("sts"),
        Reply(403, "SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z"),
        3,
        "clock_skewed",
        "bootstrap",
        SETTLED,
    ),
    "S3: 500": Wrong(of("s3"), Reply(500, "InternalError"), 3, "aws_unreachable", "bootstrap"),
    "S3: 503": Wrong(of("s3"), Reply(503, "SlowDown"), 3, "aws_unreachable", "bootstrap"),
    "S3: broken off": Wrong(of("s3"), RESET, 3, "aws_unreachable", "bootstrap", "network"),
    "S3: the clock": Wrong(
        of("s3", "PUT"), Reply(403, "RequestTimeTooSkewed"), 3, "clock_skewed", "bootstrap", SETTLED
    ),
    "DynamoDB: 500": Wrong(of("dynamodb"), Reply(500, "InternalServerError"), 3, "aws_unreachable", "bootstrap"),
    "DynamoDB: broken off": Wrong(of("dynamodb"), RESET, 3, "aws_unreachable", "bootstrap", "network"),
    "DynamoDB: throttled": Wrong(of("dynamodb"), Reply(400, "ThrottlingException"), 3, "aws_unreachable", "bootstrap"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from prepared(tmp_path_factory.mktemp("aws"))


@pytest.mark.parametrize("name", EARLY)
def test_service_that_fails_ends_the_run_with_a_hint(world: World, name: str) -> None:
    ends_as_foretold(world, name, EARLY[name])


def test_run_after_a_fault_deploys_what_was_left(world: World) -> None:
    before = len(world.releases())
    ends_as_foretold(world, "S3: 503", EARLY["S3: 503"])

    ended = world.run()

    row("... and then", ended, "one release")
    assert ended.code == 0, ended.lines
    assert len(world.releases()) == before + 1


def test_services_that_are_late_are_waited_for(world: World) -> None:
    """A fifth of a second for every call is time, and no fault."""
    world.change()
    for name in ("sts", "s3", "dynamodb", "ecr"):
        world.aws.spoil(Fault(of(name), 0.2))

    ended = world.run()

    world.well()
    row("all of AWS: each answer late by 0.2 s", ended, "-")
    assert ended.code == 0, ended.lines


@pytest.mark.parametrize("name", ["sts", "s3", "dynamodb"])
def test_service_that_never_answers_ends_the_run(world: World, name: str) -> None:
    """The pipeline stops asking after its time-out, and what to do is said."""
    with CrookedAws(world.cloud.endpoint) as aws:
        fault = aws.spoil(Fault(of(name, terraform=False), SILENT))
        ended = world.run_impatiently(aws)

    row(f"{name} never answers", ended, "goes on")
    assert fault.hit
    assert (ended.code, ended.problem["code"], ended.stages[-1][0]) == (3, "aws_unreachable", "bootstrap"), ended.lines
    assert ended.problem["hint"]
    assert "Traceback" not in ended.lines
    assert world.lock() is None
