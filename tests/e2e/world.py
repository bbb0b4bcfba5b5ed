"""A cloud that outlives the runs on it: stand-ins in this process, runs of the real program in checkouts of theirs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from ci.rehearsal.cloud import ACCOUNT, Cloud
from ci.rehearsal.providers.faults import Faults
from ci.terraform.backend import LOCK_TABLE_KEY
from tests.e2e.crooked_aws import SILENT, CrookedAws, Fault
from tests.integration.pipeline.world import chat_api
from tests.support.checkout import ENVIRONMENT, copy_checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.crooked_aws import Request

REGION = "us-east-1"
BUCKET = f"carepath-tfstate-{ACCOUNT}-{REGION}"
TABLE = "carepath-tflock"
STATE = "demo/terraform.tfstate"
# Seconds. No run here has a reason to take longer; one that does hangs.
LONGEST = 300
# Seconds that the program takes before its first stage, here at most.
STARTING = 10
POLL = 0.02


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code, JSON report (None where there is none), what it said, seconds."""

    code: int
    report: dict[str, Any] | None
    lines: str
    seconds: float

    @property
    def problem(self) -> dict[str, str]:
        return (self.report or {}).get("problem") or {}

    @property
    def told(self) -> str:
        """What a person is told: what happened, and what to do."""
        return " ".join(filter(None, [self.problem.get("title"), self.problem.get("detail"), self.problem.get("hint")]))

    @property
    def stages(self) -> list[tuple[str, str]]:
        return [(each["name"], each["status"]) for each in (self.report or {}).get("stages", ())]


@dataclass
class Going:
    """A run that goes on: its process, and the lines it has said so far."""

    checkout: Path
    process: subprocess.Popen[str]
    began: float = field(default_factory=time.monotonic)
    said: list[str] = field(default_factory=list)

    def wait_for(self, line: str, times: int = 1) -> None:
        """Read until a line began with LINE for the number of TIMES; at the end of all lines this fails."""
        assert self.process.stderr
        while times:
            self.said.append(self.process.stderr.readline())
            assert self.said[-1], "".join(self.said)
            times -= self.said[-1].startswith(line)

    def end(self, timeout: float = LONGEST) -> Ended:
        """Wait for the end and return how it was; what hangs is killed, and the test fails."""
        try:
            out, rest = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        with contextlib.suppress(ValueError):
            lines = "".join(self.said) + rest
            report = json.loads(out or "null")
            # Of one that ended before it was looked at, its stages tell better how long it took.
            told = sum(each["seconds"] for each in (report or {}).get("stages", ()))
            seconds = min(time.monotonic() - self.began, told + STARTING)
            return Ended(self.process.returncode, report, lines, seconds)
        raise AssertionError(out)

    def kill(self, *, machine: bool = True) -> Ended:
        """End it as the kernel does, and, when the whole MACHINE goes, all that it had started too."""
        self.process.kill()
        if machine:
            end_all_in(self.checkout)
        self.process.communicate()
        return Ended(self.process.returncode, None, "".join(self.said), time.monotonic() - self.began)


def call(service: str, operation: str, end: str = "", *, terraform: bool = False) -> Callable[[Request], bool]:
    """Accept the calls of `operation` on what ends with `end`, by Terraform or by the pipeline itself."""
    return lambda asked: (
        (asked.service, asked.operation, asked.by_terraform) == (service, operation, terraform)
        and asked.path.endswith(end)
    )


def of(checkout: Path) -> list[int]:
    """List the processes that CHECKOUT's runs had started: Terraform runs in a copy of its own, and has its address."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"PYTHONPATH={checkout}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def end_all_in(checkout: Path) -> None:
    """Kill what CHECKOUT's runs had started, as the end of their machine does."""
    while left := of(checkout):
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(POLL)


class World:
    """Stand-ins in FOLDER until the block ends, and `checkout`, from which they are deployed to."""

    def __init__(self, folder: Path, engine: str = "host") -> None:
        self.engine = engine
        self.folder = folder
        self.checkout = copy_checkout(folder / "carepath")
        self._stack = contextlib.ExitStack()
        self._changes = 0
        # Resource type -> seconds that it takes to apply, from now on.
        self.delays: dict[str, float] = {}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.cloud = stack.enter_context(Cloud(self.folder / "cloud", REGION, Faults(delays=self.delays)))
            self.aws = stack.enter_context(CrookedAws(self.cloud.endpoint))
            self.chat = stack.enter_context(chat_api())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        end_all_in(self.checkout)
        self._stack.close()

    # Runs.

    def environment(self, aws: CrookedAws | None = None, **variables: str) -> dict[str, str]:
        """Return the environment of a run that reaches AWS by AWS, with VARIABLES set."""
        told = {
            "endpoint": (aws or self.aws).address,
            "direct": self.cloud.endpoint,
            "registry": self.cloud.registry,
            "providers": self.cloud.providers,
            "chat": self.chat,
        }
        return {**os.environ, **ENVIRONMENT, "CLOUD": json.dumps(told), "CAREPATH_LOCK_TIMEOUT": "1", **variables}

    def start(
        self, *words: str, checkout: Path | None = None, aws: CrookedAws | None = None, **variables: str
    ) -> Going:
        """Begin a run of the command that WORDS tell, `deploy` by default."""
        place = checkout or self.checkout
        program = [sys.executable, "tests/e2e/outside.py", "rehearse", *(words or ("deploy",))]
        process = subprocess.Popen(
            [*program, "--engine", self.engine, "--json"],
            cwd=place,
            env=self.environment(aws, **variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Going(place, process)

    def run(self, *words: str, checkout: Path | None = None, **variables: str) -> Ended:
        return self.start(*words, checkout=checkout, aws=None, **variables).end()

    def run_impatiently(self, aws: CrookedAws) -> Ended:
        """Deploy by `aws`, which is silent somewhere: a call has one attempt of a second, a Terraform command three."""
        return self.start(
            aws=aws, CAREPATH_AWS_TIMEOUT="1", CAREPATH_AWS_ATTEMPTS="1", CAREPATH_TERRAFORM_TIMEOUT="3"
        ).end()

    def change(self, checkout: Path | None = None) -> None:
        """Change a line of db-api, so that the next deploy has an image to publish and a resource to update."""
        self._changes += 1
        path = (checkout or self.checkout) / "service_db_api/__init__.py"
        path.write_text(f'"""The records of patients, {self._changes}."""\n')

    def killed_at(self, matches: Callable[[Request], bool], *, after: int = 0) -> Ended:
        """Begin a deploy, and let its machine die when it asks AWS what MATCHES, after the first AFTER such calls."""
        fault = self.aws.spoil(Fault(matches, SILENT, after=after))
        going = self.start()
        try:
            while not fault.hit and going.process.poll() is None:
                time.sleep(POLL)
            assert fault.hit, going.end().lines
            return going.kill()
        finally:
            self.well()

    def well(self) -> None:
        """Have nothing wrong with AWS any more; what was kept waiting is let go."""
        self.aws.mend()

    def follow(self, told: str) -> Ended:
        """Do what a person is TOLD to do about a lock or a checksum: the command as it stands there."""
        found = re.search(r"python (ci/main\.py unlock(?: [0-9a-f-]{36})?)", told)
        assert found, told
        # The real command: it needs AWS alone.
        keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": self.cloud.endpoint}
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *found[1].split(), "--json"],
            cwd=self.checkout,
            env={**os.environ, **keys},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        ended = Ended(done.returncode, json.loads(done.stdout or "null"), done.stderr, time.monotonic() - began)
        # Whoever did not know of the lock yet is told its id by this.
        return self.follow(ended.told) if ended.problem.get("code") == "state_locked" else ended

    @contextlib.contextmanager
    def applying(self) -> Iterator[Going]:
        """Deploy, and yield the run while Terraform applies; it goes on with that until it is stopped."""
        self.delays["kubernetes_deployment_v1"] = LONGEST
        going = self.start()
        try:
            going.wait_for("▶ apply")
            while (self.lock() or {}).get("Operation") != "OperationTypeApply":
                time.sleep(POLL)
            yield going
        finally:
            self.delays.clear()
            going.kill()

    @contextlib.contextmanager
    def saving(self) -> Iterator[Going]:
        """Deploy, and yield the run when Terraform has applied and saves the state, which waits for `well`."""
        matches = call("s3", "PUT", STATE, terraform=True)
        fault = self.aws.spoil(Fault(matches, float(LONGEST)))
        going = self.start()
        try:
            while not fault.hit and going.process.poll() is None:
                time.sleep(POLL)
            assert fault.hit, going.end().lines
            yield going
        finally:
            self.well()
            going.kill()

    # What the cloud holds.

    def images(self) -> list[str]:
        """Return the digests of all images, sorted."""
        ecr = self.cloud.client("ecr")
        names = [each["repositoryName"] for each in ecr.describe_repositories()["repositories"]]
        found = [each for name in names for each in ecr.list_images(repositoryName=name)["imageIds"]]
        return sorted({each["imageDigest"] for each in found})

    def lock(self) -> dict[str, Any] | None:
        """Return who holds one of the state's two locks, the table's first; None when both are free."""
        key = {LOCK_TABLE_KEY: {"S": f"{BUCKET}/{STATE}"}}
        item = self.cloud.client("dynamodb").get_item(TableName=TABLE, Key=key).get("Item", {})
        text: str | bytes = item.get("Info", {}).get("S", "")
        if not text and f"{STATE}.tflock" in self.keys():
            text = self.cloud.client("s3").get_object(Bucket=BUCKET, Key=f"{STATE}.tflock")["Body"].read()
        return dict(json.loads(text)) if text else None

    def keys(self) -> list[str]:
        found = self.cloud.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return [each["Key"] for each in found]

    def releases(self) -> list[dict[str, Any]]:
        """Return the records of releases, oldest first."""
        s3 = self.cloud.client("s3")
        names = sorted(each for each in self.keys() if each.startswith("demo/releases/"))
        return [json.loads(s3.get_object(Bucket=BUCKET, Key=each)["Body"].read()) for each in names]


@contextlib.contextmanager
def full(folder: Path, *, kilobytes: int) -> Iterator[None]:
    """Mount a file system of `kilobytes` at `folder` until the block ends; skip the test where that is refused."""
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


def prepared(folder: Path) -> Iterator[World]:
    """Yield a world in FOLDER to which a first release was deployed."""
    with World(folder) as world:
        first = world.run()
        assert first.code == 0, (first.told, world.aws.broken)
        yield world
        assert not world.aws.broken


def row(fault: str, ended: Ended, then: str) -> None:
    """Print a row of the table: what was wrong, what was seen, exit code, seconds, what came next."""
    seen = ended.problem.get("code") or ("killed" if ended.code < 0 else "done")
    line = f"| {fault:<52} | {seen:<24} | {ended.code:>4} | {ended.seconds:6.1f} s | {then:<34} |\n"
    sys.__stderr__.write(line) if sys.__stderr__ else None
