"""How a run ends: bugs, interrupts, one document on stdout, a summary for GitHub."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from ci.cli.options import Options
from ci.cli.wanted import Wanted
from ci.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


async def nothing(*_: object) -> None:
    """Be a command that does nothing."""


def body(raised: BaseException) -> Callable[..., Awaitable[None]]:
    async def fail(*_: object) -> None:
        raise raised

    return fail


def test_bug_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that nobody foresaw is exit code 1 and its type; its text, which may hold values, is not shown."""
    code = Wanted("deploy", Options(json=True)).run(body(ValueError("planted-secret")))

    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (code, document["problem"]["code"]) == (1, "bug")
    assert "ValueError" in document["problem"]["title"]
    assert "--debug" in document["problem"]["hint"]
    assert "planted-secret" not in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        shutil.Error([("a", "b", "[Errno 28] No space left on device")]),
    ],
    ids=["one file", "a copied tree"],
)
@pytest.mark.parametrize("options", [Options(json=True), Options(json=True, debug=True)], ids=["plain", "debug"])
def test_full_disk_is_no_bug(capsys: pytest.CaptureFixture[str], error: OSError, options: Options) -> None:
    """It says where room is needed, and that the next run goes on."""
    code = Wanted("deploy", options).run(body(error))

    document = json.loads(capsys.readouterr().out)
    assert (code, document["problem"]["code"]) == (3, "disk_full")
    assert "TMPDIR" in document["problem"]["hint"]


def test_debug_shows_the_bug() -> None:
    """With --debug the exception itself comes out."""
    with pytest.raises(ValueError, match="why"):
        Wanted("deploy", Options(debug=True)).run(body(ValueError("why")))


def test_debug_does_not_make_a_failure_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed test stays a sentence, whatever was asked for."""
    code = Wanted("check", Options(debug=True)).run(body(CheckFailed("It failed.", code="tests_failed")))

    assert code == 4
    assert "It failed. (tests_failed, exit code 4)" in capsys.readouterr().out


@pytest.mark.parametrize("words", ["test_x.py:100: AssertionError", "main.py:1234: error", "arn:aws:ecr:x:on:end"])
def test_what_a_program_said_is_printed_as_it_is(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """A line number between colons is no picture, neither in the report nor in the lines before it."""

    async def fail(_: object, progress: Any, __: object) -> None:
        progress.say(words)
        raise CheckFailed(words, code="tests_failed", detail=words, hint=words)

    Wanted("check", Options()).run(fail)

    captured = capsys.readouterr()
    assert captured.err.count(words) == 1
    assert captured.out.count(words) == 3


def test_interrupted_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with 130 and a whole document."""

    async def interrupted(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep_forever()

    code = Wanted("deploy", Options(json=True)).run(interrupted)

    assert code == 130
    assert json.loads(capsys.readouterr().out)["problem"]["code"] == "interrupted"


@pytest.mark.parametrize("quiet", [True, False])
def test_stdout_holds_one_document(capsys: pytest.CaptureFixture[str], *, quiet: bool) -> None:
    """With --json, progress goes to stderr, or nowhere when it is not wished."""

    async def stages(_: object, progress: Any, __: object) -> None:
        async with progress.stage("build"):
            progress.say("a line")

    assert Wanted("build", Options(json=True, quiet=quiet)).run(stages) == 0

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

    Wanted("check", Options(quiet=True)).run(body(CheckFailed("No.", code="tests_failed")) if failing else nothing)

    assert summary.read_text().startswith(f"before\n## check demo: {'failed: No.' if failing else 'done'}\n")


def test_summary_that_cannot_be_written_changes_no_verdict(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deploy that went well is not turned into a failure by where its summary should go."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "missing/summary.md"))

    assert Wanted("check", Options(quiet=True)).run(nothing) == 0
    assert "check is done" in capsys.readouterr().out
