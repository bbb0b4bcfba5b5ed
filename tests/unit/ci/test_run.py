"""One command's run: every failure is told in a sentence, in the form that was asked for, with its exit code."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

import ci
from ci.errors import CheckFailed
from ci.main import app
from ci.run import Options, Wanted
from tests.unit.ci.conftest import REGION, declare_region

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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


async def nothing(*_: object) -> None:
    """Be a command that does nothing."""


def body(raised: BaseException) -> Callable[..., Awaitable[None]]:
    async def fail(*_: object) -> None:
        raise raised

    return fail


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


@pytest.mark.parametrize("command", ["publish", "plan", "apply", "deploy", "smoke", "bootstrap"])
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


@pytest.mark.parametrize("words", [[], ["--confirm", ""], ["--confirm", "production"]])
def test_destroy_without_the_environments_name_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Nothing is asked of the cloud or of an engine, let alone destroyed, before the name was typed rightly."""
    assert checkout
    monkeypatch.setattr("sys.stdin", Path(os.devnull).open())

    code, document = ran(capsys, "destroy", *words)

    assert (code, document["problem"]["code"]) == (2, "not_confirmed")
    assert document["stages"] == []


def test_bug_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that nobody foresaw is exit code 1 and its type; its text, which may hold values, is not shown."""
    code = Wanted("deploy", Options(json=True))._run(body(ValueError("planted-secret")))

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (code, document["problem"]["code"]) == (1, "bug")
    assert "ValueError" in document["problem"]["title"]
    assert "--debug" in document["problem"]["hint"]
    assert "planted-secret" not in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err


def test_debug_shows_the_bug() -> None:
    """With --debug the exception itself comes out."""
    with pytest.raises(ValueError, match="why"):
        Wanted("deploy", Options(debug=True))._run(body(ValueError("why")))


def test_debug_does_not_make_a_failure_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed test stays a sentence, whatever was asked for."""
    code = Wanted("check", Options(debug=True))._run(body(CheckFailed("It failed.", code="tests_failed")))

    assert code == 4
    assert "It failed. (tests_failed, exit code 4)" in capsys.readouterr().out


def test_interrupted_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with 130 and a whole document."""

    async def interrupted(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep_forever()

    code = Wanted("deploy", Options(json=True))._run(interrupted)

    assert code == 130
    assert json.loads(capsys.readouterr().out)["problem"]["code"] == "interrupted"


@pytest.mark.parametrize("quiet", [True, False])
def test_stdout_holds_one_document(capsys: pytest.CaptureFixture[str], *, quiet: bool) -> None:
    """With --json, progress goes to stderr, or nowhere when it is not wished."""

    async def stages(_: object, progress: Any, __: object) -> None:
        async with progress.stage("build"):
            progress.say("a line")

    assert Wanted("build", Options(json=True, quiet=quiet))._run(stages) == 0

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["ok"], document["problem"]) == (True, None)
    assert [stage["name"] for stage in document["stages"]] == ["build"]
    assert ("a line" in captured.err) is not quiet


@pytest.mark.parametrize("failing", [False, True])
def test_github_gets_a_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, failing: bool) -> None:
    """Where the runner wants one, the report is appended as Markdown, of a failure too."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    Wanted("check", Options(quiet=True))._run(body(CheckFailed("No.", code="tests_failed")) if failing else nothing)

    assert summary.read_text().startswith(f"before\n## check demo: {'failed: No.' if failing else 'done'}\n")


def test_summary_that_cannot_be_written_changes_no_verdict(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deploy that went well is not turned into a failure by where its summary should go."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "missing/summary.md"))

    assert Wanted("check", Options(quiet=True))._run(nothing) == 0
    assert "check is done" in capsys.readouterr().out
