"""
S3, STS and the lock table at fault, one by one: failing, broken off, late, silent; credentials and clock gone wrong.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ci.engines.limited_terraform import GRACE
from tests.e2e.crooked_aws import LOST, RESET, SILENT, CrookedAws, Fault, Reply
from tests.e2e.world import LONGEST, Ended, Going, World, copied, prepared, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.crooked_aws import Request

    Matches = Callable[[Request], bool]

pytestmark = pytest.mark.slow

# Seconds: each call of boto3 is tried four times with 30 s of patience, and what a busy machine adds.
BOTO3, SLACK = 4 * 30, 60
# Seconds that Terraform has in the runs where it waits in vain, so few that the tests end.
LIMIT = 5


def of(service: str, operation: str = "", end: str = "", *, terraform: bool | None = None) -> Matches:
    """Accept calls of SERVICE: of OPERATION alone, on what ends with END, by TERRAFORM or by the pipeline itself."""
    return lambda asked: (
        asked.service == service
        and operation in {"", asked.operation}
        and asked.path.endswith(end)
        and terraform in {None, asked.by_terraform}
    )


@dataclass(frozen=True)
class Wrong:
    """What goes wrong, and what is seen then: exit code, problem, the stage it ends in, words that are told."""

    matches: Matches
    how: Reply | str
    code: int
    problem: str
    stage: str
    words: str = "Run it again"


SETTLED = "timedatectl"
LOGIN = "aws sso login"
EXPIRED = Reply(400, "ExpiredToken")
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
# From here on Terraform asks too: it tries five times.
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


@pytest.fixture(scope="module")
def silent(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, bool], Going]]:
    """Begin a run for each service that never answers; each takes minutes, so it is judged after all else."""
    begun = {}
    with contextlib.ExitStack() as stack:
        for name, terraform in itertools.product(("sts", "s3", "dynamodb"), (False, True)):
            aws = stack.enter_context(CrookedAws(world.cloud.endpoint))
            aws.spoil(Fault(of(name, terraform=terraform), SILENT))
            place = copied(tmp_path_factory.mktemp(name) / "carepath")
            begun[name, terraform] = world.start(checkout=place, aws=aws, CAREPATH_TERRAFORM_TIMEOUT=str(LIMIT))
            stack.callback(begun[name, terraform].kill)
        yield begun


def expect(name: str, wrong: Wrong, ended: Ended, world: World) -> None:
    """See that ENDED is what WRONG foretells, told without a traceback, with nothing left locked."""
    row(name, ended, "goes on")
    assert (ended.code, ended.problem.get("code")) == (wrong.code, wrong.problem), (name, ended.told, ended.lines)
    assert ended.stages[-1][0] == wrong.stage, name
    assert ended.problem["hint"], name
    assert wrong.words in ended.told, (name, ended.told)
    assert "Traceback" not in ended.lines, name
    assert world.lock() is None, name


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("faults", [EARLY, IN_TERRAFORM], ids=["asked by the pipeline", "asked by Terraform"])
def test_service_that_fails_is_told_and_the_next_run_goes_on(world: World, faults: dict[str, Wrong]) -> None:
    """Which one, what to do, and nothing left behind; after all of them one run brings it to its end."""
    before = len(world.releases())
    world.change()
    for name, wrong in faults.items():
        fault = world.aws.spoil(Fault(wrong.matches, wrong.how))
        ended = world.run()
        assert fault.hit, name
        world.well()
        expect(name, wrong, ended, world)
        assert len(world.releases()) == before, name

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
@pytest.mark.parametrize("terraform", [False, True], ids=["the pipeline", "Terraform"])
def test_service_that_never_answers_ends_the_run(
    silent: dict[tuple[str, bool], Going], world: World, name: str, terraform: bool
) -> None:
    """Whoever of the two asks in vain stops asking after a time, and what to do is told."""
    ended = silent[name, terraform].end(LONGEST)

    row(f"{name} never answers {'Terraform' if terraform else ''}", ended, "goes on")
    expected = (6, "terraform_timeout") if terraform else (3, "aws_unreachable")
    assert (ended.code, ended.problem["code"]) == expected, ended.lines
    assert ended.problem["hint"]
    assert "Traceback" not in ended.lines
    assert ended.stages[-1][0] == ("init" if terraform else "bootstrap")
    assert ended.seconds < (LIMIT + 2 * GRACE if terraform else BOTO3) + SLACK
    assert world.lock() is None


def test_after_all_of_it_a_run_goes_well(world: World) -> None:
    """Nothing of what was wrong is left."""
    ended = world.run()

    assert ended.code == 0, ended.lines
