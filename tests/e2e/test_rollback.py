"""What comes after a first deploy, on this machine: a bad release, the way back, the status, drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import OK
from tests.e2e.rehearsal import images, rehearse, releases, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# Another base is another image of the same source.
ANOTHER = {"CAREPATH_PYTHON_IMAGE": "python:another@sha256:" + "1" * 64}


@pytest.fixture(scope="module")
def first(checkout: Path) -> dict[str, Any]:
    """Deploy a first release and return its report."""
    code, report, lines = rehearse(checkout, "host", "--fresh")
    assert code == 0, lines
    return report


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
