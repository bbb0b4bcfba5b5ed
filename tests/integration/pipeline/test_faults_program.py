"""
`python ci/main.py deploy` itself, over the engine's double: a registry at fault, and an engine that is lost midway.

Run with `-s`: each row of the table is printed.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci.terraform.backend import LOCK_TABLE_KEY
from tests.e2e.crooked_aws import RESET, SILENT, CrookedAws, Fault, Reply
from tests.e2e.world import BUCKET, STATE, TABLE, Ended, Going, row
from tests.integration.pipeline.double.script import Answer, leaf
from tests.integration.pipeline.double.server import TOKEN
from tests.integration.pipeline.world import outputs_json, terraform
from tests.support.checkout import copy_checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.crooked_aws import Request
    from tests.integration.pipeline.world import World

RELAY = Path(__file__).parent / "session_relay.py"


@dataclass
class Program:
    """The program in CHECKOUT, with WORLD for its surroundings and a way to the registry that can be made bad."""

    world: World
    checkout: Path
    registry: CrookedAws
    cli: Path

    def environment(self, **variables: str) -> dict[str, str]:
        usual = {name: value for name, value in os.environ.items() if not name.startswith(("DAGGER_", "OTEL_"))}
        secrets = {name: each.get_secret_value() for name, each in self.world.settings.terraform_secrets.items()}
        told = {
            "AWS_ENDPOINT_URL": self.world.endpoint,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "CAREPATH_REGISTRY_ENDPOINT_URL": self.registry.address,
            "CAREPATH_DAGGER": str(self.cli),
            "CAREPATH_SMOKE_TIMEOUT": "3",
            "RELAY": str(self.world.session.port),
            "TOKEN": TOKEN,
            "PIDS": str(self.cli.parent / "pids"),
        }
        return {**usual, **secrets, **told, **variables}

    def start(self, **variables: str) -> Going:
        process = subprocess.Popen(
            [sys.executable, "ci/main.py", "deploy", "--json"],
            cwd=self.checkout,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Going(self.checkout, process)

    def run(self, **variables: str) -> Ended:
        return self.start(**variables).end()

    def end_engine(self) -> None:
        """Kill the process that holds the session of the run that goes on."""
        os.kill(int((self.cli.parent / "pids").read_text().split()[-1]), signal.SIGKILL)

    def releases(self) -> list[str]:
        found = self.world.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="demo/releases/").get("Contents", ())
        return [each["Key"] for each in found]

    def locked(self) -> bool:
        key = {LOCK_TABLE_KEY: {"S": f"{BUCKET}/{STATE}"}}
        return "Item" in self.world.client("dynamodb").get_item(TableName=TABLE, Key=key)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout whose addresses reach somebody: a deploy refuses the placeholders."""
    place = copy_checkout(tmp_path_factory.mktemp("program") / "carepath")
    values = place / "infra/terraform/envs/demo/terraform.tfvars"
    values.write_text(values.read_text().replace("203.0.113.", "198.51.100."))
    return place


@pytest.fixture
def program(world: World, checkout: Path, tmp_path: Path) -> Iterator[Program]:
    cli = tmp_path / "dagger"
    cli.write_text(f'#!/bin/sh\n[ "$1" = version ] || echo $$ >>"$PIDS"\nexec {sys.executable} {RELAY} "$@"\n')
    cli.chmod(cli.stat().st_mode | stat.S_IXUSR)
    with CrookedAws(world.place.endpoint) as registry:
        yield Program(world, checkout, registry, cli)


def again(world: World) -> None:
    """Have the cloud as a deploy finds it when the first one made the repositories and got no further."""
    known: dict[str, Any] = {"db_api": "a@b", "chat_api": "c@d"}
    after = outputs_json(db_api_repo_url="r", chat_api_url=world.chat, deployed_images=known)
    world.session.script.on(terraform("output"), Answer(stdout=after))


def anything(_: Request) -> bool:
    return True


def writing(asked: Request) -> bool:
    return asked.operation in {"PUT", "POST"}


def listing(asked: Request) -> bool:
    return "/referrers/" in asked.path


WRITING = "503 for what is pushed"
FAULTS: dict[str, tuple[Callable[[Request], bool], Reply | str, str]] = {
    "500": (anything, Reply(500, "x"), "registry_refused"),
    WRITING: (writing, Reply(503, "x"), "registry_refused"),
    "wrong credentials": (anything, Reply(401, "UNAUTHORIZED"), "registry_refused"),
    "may not push": (writing, Reply(403, "DENIED"), "registry_refused"),
    "broken off": (anything, RESET, "registry_unreachable"),
    "never answers": (anything, SILENT, "registry_unreachable"),
    "500 for the list of documents": (listing, Reply(500, "x"), "registry_refused"),
}


def refused(program: Program, fault: str, problem: str, **variables: str) -> None:
    """See that a run meets `fault` as `problem`: code 5 and what to do, and nothing is recorded or left locked."""
    ended = program.run(**variables)

    row(f"registry: {fault}", ended, "goes on")
    assert (ended.code, ended.problem.get("code")) == (5, problem), (fault, ended.told, ended.lines)
    assert ended.stages[-1] == ("publish", "failed"), fault
    assert ended.problem["hint"], fault
    assert "Traceback" not in ended.lines, fault
    assert "auth-token" not in f"{ended.lines}{ended.report}", fault
    assert program.releases() == [], fault
    assert not program.locked(), fault


def goes_on(program: Program, then: str) -> None:
    """See that the next run is a release."""
    again(program.world)
    after = program.run()
    row(then, after, "one release")
    assert after.code == 0, (after.told, after.lines)
    assert len(program.releases()) == 1


def test_deploy_registry_refuses_a_push_ends_with_the_reason(program: Program) -> None:
    matches, how, problem = FAULTS[WRITING]
    program.registry.spoil(Fault(matches, how))

    refused(program, WRITING, problem)


@pytest.mark.slow
def test_deploy_registry_at_fault_ends_and_the_next_run_goes_on(program: Program) -> None:
    """Every way in which it can be: one run after the other, the last one with answers late by a third of a second."""
    for name, (matches, how, problem) in FAULTS.items():
        fault = program.registry.spoil(Fault(matches, how))
        # Long enough for a stand-in on a busy machine, and short for one that never answers.
        refused(program, name, problem, CAREPATH_AWS_TIMEOUT="3" if how == SILENT else "30")
        assert fault.hit, name
        program.registry.mend()
    refused(program, "nobody listens", "registry_unreachable", CAREPATH_REGISTRY_ENDPOINT_URL="http://127.0.0.1:1")
    program.registry.spoil(Fault(anything, 0.3))

    goes_on(program, "registry: each answer late by 0.3 s")


ENGINE = {"build": leaf("sync"), "publish": leaf("publish"), "plan": terraform("plan"), "apply": terraform("apply")}


@pytest.mark.slow
def test_deploy_engine_lost_midway_ends_and_the_next_run_goes_on(program: Program) -> None:
    """The session's process is killed, in one stage after the other: the run ends at once, with what to do."""
    again(program.world)
    for stage, place in ENGINE.items():
        program.world.session.script.on(place, Answer(hold=program.end_engine, delay=0.5), times=1)

        ended = program.run()

        row(f"engine lost in {stage}", ended, "goes on")
        assert (ended.code, ended.problem.get("code")) == (3, "engine_lost"), (stage, ended.told, ended.lines)
        assert ended.stages[-1] == (stage, "failed")
        assert ended.problem["hint"], stage
        assert "Traceback" not in ended.lines, stage
        assert program.releases() == [], stage

    goes_on(program, "... and then")
