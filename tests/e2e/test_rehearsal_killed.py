"""Rehearsals that are killed, and two at once in one checkout."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.rehearsal import command, images, rehearse, releases, run
from tests.support.checkout import ENVIRONMENT, copy_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


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
                env={**os.environ, **ENVIRONMENT},
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


# Every boundary, with a cloud that outlives the run, is met in tests/unit/ci/test_pipeline_rollback.py.
BOUNDARIES = [("apply", 1), ("smoke", 1)]


def test_killed_first_deploy_leaves_nothing_half_done(tmp_path: Path) -> None:
    """SIGKILL where a stage begins: the next run goes on, and at the end there is one release, and no lock."""
    checkout = copy_checkout(tmp_path / "carepath")
    for stage, times in BOUNDARIES:
        killed = Started.at(checkout)
        killed.wait_for(f"▶ {stage}", times)
        assert killed.kill() < 0

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
