"""The whole deploy on a real Dagger engine. Run by `nox -s engine`; skipped, with the reason, where none answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.rehearsal import Outcome, rehearse

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", autouse=True)
def engine() -> None:
    """Skip all of this where the doctor finds no engine, with what it says."""
    done = subprocess.run(
        [sys.executable, "ci/main.py", "doctor", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = next(each for each in json.loads(done.stdout)["findings"] if each["name"] == "dagger engine")
    if not found["ok"]:
        pytest.skip(f"no Dagger engine: {found['result']}")


@pytest.fixture(scope="module")
def first(checkout: Path) -> Outcome:
    return rehearse(checkout, "dagger", "--fresh")


def test_images_are_built_tested_pushed_and_run(first: Outcome) -> None:
    """Every stage is done, and what answers the smoke test was pulled from the registry by digest."""
    code, report, lines = first

    assert code == 0, lines
    assert [check["ok"] for check in report["checks"]] == [True] * 4
    assert all("@sha256:" in reference for reference in report["release"].values())


def test_second_run_changes_nothing(checkout: Path, first: Outcome) -> None:
    """The same digests; nothing is built, tested, pushed or planned."""
    code, report, lines = rehearse(checkout, "dagger")

    assert code == 0, lines
    assert report["release"] == first[1]["release"]
    statuses = {stage["name"]: stage["status"] for stage in report["stages"]}
    assert {statuses[name] for name in ("build", "check", "publish", "plan")} == {"unchanged"}


def test_changed_line_rolls_one_deployment(checkout: Path, first: Outcome) -> None:
    """A line in db-api gives it a new digest; Terraform updates its deployment and nothing else."""
    source = checkout / "service_db_api/main.py"
    before = source.read_text()
    source.write_text(f"{before}\n# one more line\n")
    try:
        code, report, lines = rehearse(checkout, "dagger")
    finally:
        source.write_text(before)

    assert code == 0, lines
    assert report["release"]["chat-api"] == first[1]["release"]["chat-api"]
    assert report["plan"]["by_module"] == {"module.app": {"update": 1}}
