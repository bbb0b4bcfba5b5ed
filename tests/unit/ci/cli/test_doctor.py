"""What a first run needs: all of it is looked at, whatever is missing, and each gap has its remedy."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ci.cli import doctor
from tests.unit.ci.answering import answering
from tests.unit.ci.conftest import declare_region

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = [
    *("python", "packages", "terraform on this machine", "work folder", "disk", "settings"),
    *("addresses", "secrets", "dagger engine", "aws account", "clock", "state"),
]


@pytest.fixture(autouse=True)
def machine(program: Callable[[str, str], Path], checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a checkout and a Terraform that is new enough, and neither an engine nor an account."""
    terraform = program("terraform", """echo '{"terraform_version": "1.12.0"}'""")
    monkeypatch.setenv("PATH", str(terraform.parent))
    return checkout


def findings(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, Any]], dict[str, Any]]:
    """Run the doctor and return exit code, name -> finding and the whole document."""
    code = doctor.main(json=True)
    document = json.loads(capsys.readouterr().out)
    return code, {each["name"]: each for each in document["findings"]}, document


def test_a_machine_without_engine_and_account_can_rehearse(capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing for a deploy is told with its remedy, and what a rehearsal needs is there."""
    code, found, document = findings(capsys)

    assert code == 3
    assert list(found) == NAMES
    assert (document["rehearse"], document["deploy"]) == (True, False)
    for name in ("dagger engine", "aws account", "state"):
        assert not found[name]["ok"]
        assert found[name]["hint"]
    assert "no AWS credentials" in found["aws account"]["result"]
    assert "no dagger CLI" in found["dagger engine"]["result"]


def test_wrong_settings_hide_nothing_else(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong variable is told where it matters, and Python and Terraform are looked at all the same."""
    monkeypatch.setenv("CAREPATH_LOCK_TIMEOUT", "soon")

    code, found, document = findings(capsys)

    assert code == 3
    assert list(found) == NAMES
    assert found["terraform on this machine"]["ok"]
    assert not found["settings"]["ok"]
    assert document["rehearse"] is False


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_PROFILE", "nobody"),
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_ACCESS_KEY_ID", "half"),
        ("CAREPATH_PROVIDER_ADDRESSES", "no JSON"),
    ],
)
def test_no_variable_makes_the_doctor_stumble(
    variable: str, value: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is set wrongly, the doctor says so and ends by itself: it is what one runs when nothing works."""
    monkeypatch.setenv(variable, value)

    code, found, _ = findings(capsys)

    assert code == 3
    assert list(found) == NAMES


def test_missing_environment_is_told(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    """A checkout whose environment declares no region is not ready for anything."""
    declare_region(machine, "")

    _, found, document = findings(capsys)

    assert "declares no aws_region" in found["settings"]["result"]
    assert (document["rehearse"], document["deploy"]) == (False, False)


def test_cli_of_another_version_is_told(
    capsys: pytest.CaptureFixture[str], program: Callable[[str, str], Path]
) -> None:
    """A CLI that does not fit is found before a run stumbles over it."""
    program("dagger", "echo dagger v0.20.5")

    _, found, _ = findings(capsys)

    assert "v0.20.5" in found["dagger engine"]["result"]


def test_account_is_named(capsys: pytest.CaptureFixture[str], endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With credentials that work, whose they are is told, and where the state will be."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")

    _, found, document = findings(capsys)

    assert found["aws account"]["result"] == "account 123456789012"
    assert "carepath-tfstate-123456789012-us-east-1" in found["state"]["result"]
    assert "planted" not in str(document)


def test_people_read_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """The text names everything that the JSON does, and ends with what is ready."""
    assert doctor.main(json=False) == 3

    shown = capsys.readouterr().out
    for name in NAMES:
        assert name in shown
    assert shown.splitlines()[-1] == "rehearse: ready; deploy: not ready"


def test_secrets_that_a_deploy_would_miss_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that are missing at once, and none of what is there with its value."""
    monkeypatch.setenv("TF_VAR_mongodb_password", "planted-password")

    found = findings(capsys)[1]["secrets"]

    assert not found["ok"]
    assert "TF_VAR_atlas_org_id" in found["result"]
    assert "MONGODB_ATLAS_CLIENT_SECRET" in found["result"]
    assert "planted" not in str(found)


def test_a_database_of_ones_own_needs_no_atlas(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brings a database is not asked for an organisation of Atlas."""
    monkeypatch.setenv("TF_VAR_existing_mongodb_uri", "mongodb://planted")

    found = findings(capsys)[1]["secrets"]

    assert found["ok"]
    assert "planted" not in str(found)


def test_a_folder_that_cannot_be_written_to_is_told(capsys: pytest.CaptureFixture[str], machine: Path) -> None:
    """A run keeps its plan and log there; a file in its place is as bad as a checkout of somebody else's."""
    machine.joinpath(".carepath").write_text("")

    code, found, document = findings(capsys)

    assert code == 3
    assert "cannot be written to" in found["work folder"]["result"]
    assert document["rehearse"] is False


def test_full_disk_is_told_before_a_build_fills_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Less than what a run needs stops a rehearsal too."""
    monkeypatch.setattr("ci.cli.doctor.shutil.disk_usage", lambda _: SimpleNamespace(free=2**30))

    _, found, document = findings(capsys)

    assert not found["disk"]["ok"]
    assert "1.0 GiB free" in found["disk"]["result"]
    assert document["rehearse"] is False


@pytest.mark.parametrize(("hours", "ok"), [(0, True), (1, False), (-1, False)])
def test_clock_is_held_against_that_of_aws(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hours: int, *, ok: bool
) -> None:
    """AWS refuses whoever is five minutes off, whichever way, so that is told before it does."""
    told = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    account = "<GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>"
    body = f"<GetCallerIdentityResponse>{account}</GetCallerIdentityResponse>".encode()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "planted")
    with answering(lambda *_: (200, body), date=told) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)

        _, found, _ = findings(capsys)

    assert found["clock"]["ok"] is ok
    assert ok or re.search(r" differ by 3[56]\d\d s", found["clock"]["result"])
