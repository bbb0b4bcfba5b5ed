"""One command's run: every failure is told in a sentence, in the form that was asked for, with its exit code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ci
from ci.cli.app import app
from tests.unit.ci.conftest import REGION, declare_region

if TYPE_CHECKING:
    Document = dict[str, Any]


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Document]:
    """Run the command line WORDS with --json; return the exit code and what stdout holds, which is one document."""
    code = app([*words, "--json"], result_action="return_value")
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    document: Document = json.loads(captured.out)
    assert document["exit_code"] == code
    return code, document


def logged_in(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")


@pytest.mark.parametrize("command", ["check", "build", "publish", "plan", "deploy"])
def test_unknown_service_is_wrong_usage(capsys: pytest.CaptureFixture[str], checkout: Path, command: str) -> None:
    """A service that does not exist ends the run before anything is asked or started."""
    assert checkout

    code, document = ran(capsys, command, "--service", "nope")

    assert code == 2
    assert document["command"] == command
    assert document["ok"] is False
    assert document["problem"]["code"] == "unknown_service"
    assert document["stages"] == []


@pytest.mark.parametrize(
    "command", ["publish", "plan", "apply", "deploy", "smoke", "bootstrap", "rollback", "releases", "status", "drift"]
)
def test_no_credentials_are_not_ready(capsys: pytest.CaptureFixture[str], checkout: Path, command: str) -> None:
    """Whatever needs the cloud says first that nobody is logged in, and how to go on without an account."""
    assert checkout

    code, document = ran(capsys, command)

    assert code == 3
    assert document["problem"]["code"] == "aws_credentials_missing"
    assert "rehearse" in document["problem"]["hint"]
    assert document["stages"] == []


def test_no_credentials_from_the_outside(tmp_path: Path) -> None:
    """The real program, in a checkout of its own: exit code 3, the sentence, and no traceback anywhere."""
    shutil.copytree(Path(ci.__file__).parent, tmp_path / "ci", ignore=shutil.ignore_patterns("__pycache__"))
    declare_region(tmp_path, f'aws_region = "{REGION}"\n')
    environment = {**os.environ, "HOME": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "ci/main.py", "deploy"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 3
    assert "There are no AWS credentials. (aws_credentials_missing, exit code 3)" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_ENDPOINT_URL", "CAREPATH_PROVIDER_ADDRESSES"])
def test_wrong_variable_is_no_bug(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """What a person set wrongly is not reported as a fault of the pipeline."""
    assert checkout
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv(variable, "nonsense")

    code, document = ran(capsys, "smoke")

    assert code == 3
    assert document["problem"]["code"] != "bug"


def test_wrong_account_touches_nothing(
    capsys: pytest.CaptureFixture[str], checkout: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials of another account end the run before an engine is started."""
    assert checkout
    logged_in(monkeypatch, endpoint)
    monkeypatch.setenv("CAREPATH_AWS_ACCOUNT_ID", "999999999999")

    code, document = ran(capsys, "deploy")

    assert (code, document["problem"]["code"]) == (3, "wrong_account")


def test_wrong_region_touches_nothing(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A region that is not the environment's ends the run too."""
    assert checkout
    monkeypatch.setenv("AWS_REGION", "eu-central-1")

    code, document = ran(capsys, "deploy")

    assert (code, document["problem"]["code"]) == (3, "wrong_region")


@pytest.mark.parametrize("command", ["check", "deploy"])
def test_no_engine_is_told(
    capsys: pytest.CaptureFixture[str], checkout: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Without an engine a command says what to install, and that a rehearsal needs none."""
    logged_in(monkeypatch, endpoint)
    monkeypatch.setenv("CAREPATH_DAGGER", str(checkout / "no-dagger"))

    code, document = ran(capsys, command)

    assert (code, document["problem"]["code"]) == (3, "engine_missing")
    assert "rehearse --engine host" in document["problem"]["hint"]


@pytest.mark.parametrize("delay", ["soon", "", ":aws_eks_cluster", "2s", "nan", "-3"])
def test_wrong_delay_is_wrong_usage(capsys: pytest.CaptureFixture[str], checkout: Path, delay: str) -> None:
    """A rehearsal's trouble that makes no sense is refused before anything is started."""
    assert checkout

    code, document = ran(capsys, "rehearse", "--engine", "host", "--delay", delay)

    assert (code, document["problem"]["code"]) == (2, "delay_invalid")
    assert document["stages"] == []


@pytest.mark.parametrize("fault", [("--fail", "nosuch_type"), ("--delay", "5:nosuch"), ("--gone", "nosuch")])
def test_fault_of_an_unknown_type_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], checkout: Path, fault: tuple[str, str]
) -> None:
    """A rehearsal is not run green with a trouble that never came."""
    assert checkout

    code, document = ran(capsys, "rehearse", "--engine", "host", *fault)

    assert (code, document["problem"]["code"]) == (2, "type_unknown")
    assert document["stages"] == []


@pytest.mark.usefixtures("source_tree")
@pytest.mark.parametrize("command", ["releases", "status"])
def test_what_only_looks_needs_no_engine(
    capsys: pytest.CaptureFixture[str], checkout: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """One document, exit code 0, in an account that holds nothing, on a machine that has no engine."""
    logged_in(monkeypatch, endpoint)
    monkeypatch.setenv("CAREPATH_DAGGER", str(checkout / "no-dagger"))

    code, document = ran(capsys, command)

    assert (code, document["ok"]) == (0, True)
    assert document["releases" if command == "releases" else "status"] is not None
