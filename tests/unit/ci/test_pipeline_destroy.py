"""Nothing is destroyed, and nobody is asked anything, before the environment's name was typed."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.cli.app import app

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    """A person who types TEXT, or nothing, or presses Ctrl-C."""

    def __init__(self, text: str = "", *, ctrl_c: bool = False) -> None:
        super().__init__(text)
        self.ctrl_c = ctrl_c

    def isatty(self) -> bool:
        return True

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override] # typeshed's two bases disagree
        if self.ctrl_c:
            raise KeyboardInterrupt
        return super().readline(size)


def destroy(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """Run `destroy WORDS --json`; return the exit code and the problem."""
    code = app(["destroy", *words, "--json"], result_action="return_value")
    problem: dict[str, Any] = json.loads(capsys.readouterr().out)["problem"]
    return code, problem


@pytest.mark.parametrize("words", [[], ["--confirm", ""], ["--confirm", "production"]])
def test_without_the_name_it_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """In a script the name is a flag; without it neither the cloud nor an engine is asked for anything."""
    assert checkout
    monkeypatch.setattr("sys.stdin", io.StringIO("demo\n"))

    code, problem = destroy(capsys, *words)

    assert (code, problem["code"]) == (2, "not_confirmed")
    assert "--confirm demo" in problem["hint"]


@pytest.mark.parametrize("typed", ["", "\n", "production\n", "DEMO\n"])
def test_another_answer_at_the_terminal_destroys_nothing(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """Ctrl-D, Return and any other word are a no; the question is not part of the document."""
    assert checkout
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    code, problem = destroy(capsys)

    assert (code, problem["code"]) == (2, "not_confirmed")


def test_ctrl_c_at_the_question_is_an_interrupt(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever thinks better of it sees no traceback."""
    assert checkout
    monkeypatch.setattr("sys.stdin", Terminal(ctrl_c=True))

    try:
        code = app(["destroy"], result_action="return_value")
    except SystemExit as end:
        code = end.code

    captured = capsys.readouterr()
    assert code == 130
    assert "Traceback" not in captured.out + captured.err


@pytest.mark.parametrize("words", [[], ["--confirm", "demo"]])
def test_the_right_name_goes_on(
    capsys: pytest.CaptureFixture[str], checkout: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Typed or told, the name is a yes: what is missing next is somebody who is logged in."""
    assert checkout
    monkeypatch.setattr("sys.stdin", Terminal("demo\n"))

    code, problem = destroy(capsys, *words)

    assert (code, problem["code"]) == (3, "aws_credentials_missing")
