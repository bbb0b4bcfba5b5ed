"""The whole deploy on this machine, as a newcomer runs it: real Terraform, real services, no account."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.e2e.rehearsal import Outcome, command, rehearse

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first(checkout: Path) -> Outcome:
    return rehearse(checkout, "host", "--fresh")


def test_first_rehearsal_runs_every_stage(first: Outcome) -> None:
    """All stages are done, and the report says first that nothing is real."""
    code, report, lines = first

    assert code == 0, lines
    assert lines.startswith("REHEARSAL: nothing real was created.")
    assert report["notice"].startswith("REHEARSAL: nothing real was created.")
    names = [stage["name"] for stage in report["stages"]]
    assert names == [
        *("stand-ins", "bootstrap", "init", "plan", "apply"),
        *("build", "check", "publish", "plan", "apply", "services", "smoke"),
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


def test_second_rehearsal_changes_nothing(checkout: Path, first: Outcome) -> None:
    """What is there is found: nothing is tested, published or planned again."""
    code, report, _ = rehearse(checkout, "host")

    assert code == 0
    assert report["release"] == first[1]["release"]
    statuses = {stage["name"]: stage["status"] for stage in report["stages"]}
    assert {statuses[name] for name in ("bootstrap", "build", "check", "publish", "plan")} == {"unchanged"}
    assert "apply" not in statuses


def test_changed_line_in_one_service_changes_one_deployment(checkout: Path, first: Outcome) -> None:
    """The other service keeps its digest, and Terraform updates exactly one resource."""
    source = checkout / "service_db_api/main.py"
    before = source.read_text()
    source.write_text(f"{before}\n# one more line\n")
    try:
        code, report, _ = rehearse(checkout, "host")
    finally:
        source.write_text(before)

    assert code == 0
    assert report["release"]["chat-api"] == first[1]["release"]["chat-api"]
    assert report["release"]["db-api"] != first[1]["release"]["db-api"]
    assert report["plan"]["by_module"] == {"module.app": {"update": 1}}


def test_failing_test_publishes_nothing(checkout: Path, first: Outcome) -> None:
    """A service whose tests fail ends the run with code 4 and its tail, before anything is pushed."""
    assert first[0] == 0
    broken = checkout / "tests/unit/service_chat/test_broken.py"
    broken.write_text('def test_broken() -> None:\n    """Fail."""\n    assert 1 == 2\n')
    try:
        code, report, _ = rehearse(checkout, "host")
    finally:
        broken.unlink()

    assert code == 4
    assert report["problem"]["code"] == "tests_failed"
    assert "assert 1 == 2" in report["problem"]["detail"]
    assert [stage["name"] for stage in report["stages"]][-1] == "check"


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


@pytest.fixture
def kept(checkout: Path, first: Outcome) -> Iterator[subprocess.Popen[str]]:
    assert first[0] == 0
    process = subprocess.Popen(
        [*command("host"), "--keep"], cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    yield process
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="counts processes by /proc, which this system has not")
def test_kept_services_answer_until_ctrl_c_which_leaves_nothing_running(
    checkout: Path, kept: subprocess.Popen[str]
) -> None:
    """`--keep` prints addresses that answer from the record; Ctrl-C ends all it started, with code 0."""
    assert kept.stdout
    address = ""
    for line in kept.stdout:
        if line.startswith("chat-api http"):
            address = line.split()[1]
        if "Ctrl-C stops everything" in line:
            break

    question = {"patient_mrn": "P000102", "query": "I slipped and hit my head"}
    answer = httpx.post(f"{address}/triage", json=question, trust_env=False).json()
    assert answer["urgency"] == "urgent"
    assert "apixaban" in json.dumps(answer).lower()

    kept.send_signal(signal.SIGINT)
    assert kept.wait(60) == 0
    deadline = time.monotonic() + 10
    while processes_of(checkout) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(checkout) == []
