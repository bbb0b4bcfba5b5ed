"""What comes after a first deploy, on this machine: a bad release, the way back, a killed run, drift, the status."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import OK
from tests.e2e.rehearsal import Outcome, command, rehearse
from tests.support.checkout import ENVIRONMENT, copy_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

# Another base is another image of the same source.
ANOTHER = {"CAREPATH_PYTHON_IMAGE": "python:another@sha256:" + "1" * 64}


def run(checkout: Path, *words: str, **variables: str) -> Outcome:
    """Rehearse the command that WORDS tell; VARIABLES are added to the environment."""
    done = subprocess.run(
        [sys.executable, "ci/main.py", "rehearse", *words, "--engine", "host", "--json"],
        cwd=checkout,
        env={**os.environ, **ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def releases(checkout: Path) -> list[dict[str, Any]]:
    code, report, lines = run(checkout, "releases")
    assert code == 0, lines
    found: list[dict[str, Any]] = report["releases"]
    return found


def images(report: dict[str, Any]) -> dict[str, str]:
    """Return the images of REPORT by the names that Terraform has for them."""
    return {name.replace("-", "_"): reference for name, reference in report["release"].items()}


# Killed.


@dataclass
class Started:
    """A rehearsal in its own process group, whose lines are read one by one."""

    checkout: Path
    process: subprocess.Popen[str]

    @classmethod
    def at(cls, checkout: Path) -> Started:
        return cls(
            checkout,
            subprocess.Popen(
                [*command("host"), "--json"],
                cwd=checkout,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            ),
        )

    def wait_for(self, line: str, times: int = 1) -> None:
        """Read until LINE was said TIMES times; at the end of all lines this fails."""
        assert self.process.stderr
        said = []
        while times:
            said.append(self.process.stderr.readline())
            assert said[-1], "".join(said)
            times -= said[-1].startswith(line)

    def kill(self) -> int:
        """End it as the kernel does: nothing is put away, and nobody is told. Return its exit code."""
        self.process.kill()
        assert self.process.stderr
        self.process.stderr.close()
        code = self.process.wait(30)
        self._put_away()
        return code

    def _put_away(self) -> None:
        """End what the killed run had started and left: its services and its Terraform."""
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (entry / "cwd").resolve().is_relative_to(self.checkout):
                    os.kill(int(entry.name), signal.SIGKILL)


@pytest.fixture
def started(checkout: Path) -> Iterator[Started]:
    found = Started.at(checkout)
    yield found
    found.kill()


# Every boundary, with a cloud that outlives the run, is met in tests/unit/ci/test_going_back.py.
BOUNDARIES = [("apply", 1), ("smoke", 1)]


def test_killed_first_deploy_leaves_nothing_half_done(tmp_path: Path) -> None:
    """SIGKILL where a stage begins: the next run goes on, and at the end there is one release, and no lock."""
    checkout = copy_checkout(tmp_path / "carepath")
    for stage, times in BOUNDARIES:
        killed = Started.at(checkout)
        killed.wait_for(f"▶ {stage}", times)
        assert killed.kill() < 0
        assert releases(checkout) == [], stage

    code, report, lines = rehearse(checkout, "host")

    assert code == 0, lines
    assert [each["images"] for each in releases(checkout)] == [images(report)]
    assert run(checkout, "status")[1]["status"]["lock"] == "free"


@pytest.fixture(scope="module")
def first(checkout: Path) -> dict[str, Any]:
    """Deploy a first release and return its report."""
    code, report, lines = rehearse(checkout, "host", "--fresh")
    assert code == 0, lines
    return report


@pytest.mark.usefixtures("first")
def test_killed_later_deploy_records_no_release(checkout: Path, first: dict[str, Any]) -> None:
    """Killed in its smoke test, a second deploy is no release, and the first one still is one."""
    before = releases(checkout)
    killed = Started.at(checkout)
    killed.wait_for("▶ smoke")
    killed.kill()

    assert releases(checkout) == before
    assert before[0]["images"] == images(first)


@pytest.mark.usefixtures("first")
def test_second_of_two_at_once_leaves_with_a_message(checkout: Path, started: Started) -> None:
    """It names the other and says what to do; the other goes on."""
    started.wait_for("▶ init")

    code, report, _ = rehearse(checkout, "host")

    assert (code, report["problem"]["code"]) == (3, "rehearsal_running")
    assert str(started.process.pid) in report["problem"]["title"]
    started.wait_for("✔ smoke")


# Back.


def test_bad_release_is_rolled_back_and_a_good_one_can_be(checkout: Path, first: dict[str, Any]) -> None:
    """A bad release, the status, a good one, the way back: one test, since each step stands on the one before."""
    # A second release fails its smoke test: what ran before runs again and answers; the run has failed all the same.
    before = releases(checkout)
    code, report, lines = run(checkout, "--fail", "smoke", "--auto-rollback", **ANOTHER)
    assert code == 9, lines
    assert report["problem"]["code"] == "rolled_back"
    assert "It was rolled back to " in report["problem"]["title"]
    assert images(report) == images(first)
    assert [check["ok"] for check in report["checks"]] == [True] * 4
    assert [stage["name"] for stage in report["stages"]][-6:] == [
        *("init", "rollback", "plan", "apply", "services", "smoke"),
    ]
    assert [stage["status"] for stage in report["stages"] if stage["name"] == "smoke"] == ["failed", "done"]

    # It is not recorded; the list holds the deploy that was good, and the way back to it.
    back, deploy = releases(checkout)
    assert [deploy] == before
    assert (back["kind"], back["of"]) == ("rollback", deploy["id"])
    assert (deploy["kind"], deploy["of"]) == ("deploy", "")
    assert back["images"] == deploy["images"] == images(first)

    # The digests that run, which release they are, and whether this source makes them.
    code, report, lines = run(checkout, "status")
    assert code == 0, lines
    for name, reference in first["release"].items():
        assert report["status"][name] == f"{reference.partition('@')[2][:19]}; built from this source"
    assert ", rollback by " in report["status"]["release"]
    _, other, _ = run(checkout, "status", **ANOTHER)
    assert "; this source is built as sha256:" in other["status"]["db-api"]

    # The second release, this time a good one, and then back by the one command.
    code, second, lines = run(checkout, **ANOTHER)
    assert code == 0, lines
    assert images(second) != images(first)
    code, report, lines = run(checkout, "rollback")
    assert code == 0, lines
    assert images(report) == images(first)
    assert {change["address"] for change in report["plan"]["changes"]} == {
        f"module.app.kubernetes_deployment_v1.{name}" for name in ("db_api", "chat_api")
    }
    assert [each["kind"] for each in releases(checkout)] == ["rollback", "deploy", "rollback", "deploy"]

    # Nothing is left to go back to.
    code, report, _ = run(checkout, "rollback")
    assert (code, report["problem"]["code"]) == (3, "release_missing")


# Drift.


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(("kind", "looks"), [("aws_eks_addon", 2), ("kubernetes_service_v1", 1)])
def test_what_somebody_removed_is_found(checkout: Path, kind: str, looks: int) -> None:
    """Exit code 2, each address, and a run that did not fail; nothing is changed, so a second look finds it too."""
    for _ in range(looks):
        code, report, lines = run(checkout, "drift", "--gone", kind)

        assert code == report["exit_code"] == 2, lines
        assert (report["ok"], report["problem"]) == (True, None)
        drifted = report["plan"]["drifted"]
        assert drifted
        assert {each["address"].split(".")[-2] for each in drifted} == {kind}
        assert {each["action"] for each in drifted} == {"delete"}


@pytest.mark.usefixtures("first")
def test_cloud_that_is_as_it_was_has_not_drifted(checkout: Path) -> None:
    """Exit code 0, and nothing is named."""
    code, report, lines = run(checkout, "drift")

    assert code == OK, lines
    assert report["plan"]["drifted"] == []
