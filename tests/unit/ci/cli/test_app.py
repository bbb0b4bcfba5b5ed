"""The command line: what it understands, and how it answers what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable

    Line = Callable[..., tuple[int, str, str]]

COMMANDS = [
    *("check", "build", "publish", "plan", "apply", "deploy"),
    *("smoke", "bootstrap", "destroy", "rehearse", "doctor"),
    *("rollback", "releases", "status", "drift", "graph", "unlock"),
]


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> Line:
    """Return a function that gives a command line to the program and returns exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = app(list(words), result_action="return_value")
        except SystemExit as end:
            code = end.code
        captured = capsys.readouterr()
        return int(code or 0), captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        (["deplyo"], '"deploy"'),
        (["rehears"], '"rehearse"'),
        (["check", "--servise", "db-api"], "--service"),
        (["plan", "--detailed-exit-code"], "--detailed-exitcode"),
        (["rehearse", "--engine", "kubernetes"], '"host"'),
        (["check", "--env", "production"], '"demo"'),
    ],
)
def test_misspelt_line_is_answered_with_what_was_meant(line: Line, words: list[str], suggestion: str) -> None:
    """Exit code 2, a suggestion, nothing on stdout, and no traceback."""
    code, out, err = line(*words)

    assert code == 2
    assert out == ""
    assert suggestion in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [["frobnicate"], ["apply", "a", "b"], ["deploy", "--service"], ["deploy", "db-api"]])
def test_what_is_not_understood_is_refused(line: Line, words: list[str]) -> None:
    """A word too many or a value too few starts nothing."""
    code, out, err = line(*words)

    assert code == 2
    assert out == ""
    assert err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(line: Line, command: str) -> None:
    """It says in a sentence what the command does, what every command understands, and the exit codes."""
    code, out, err = line(command, "--help")

    assert code == 0
    assert err == ""
    assert f"ci/main.py {command}" in out
    for told in ("--json", "--quiet", "--env", "Exit codes:"):
        assert told in out


def test_there_are_these_commands_and_no_others(line: Line) -> None:
    """What the Makefile and the workflows call is there, and the program lists it."""
    _, out, _ = line("--help")

    assert sorted(name for name in app if not name.startswith("-")) == sorted(COMMANDS)
    for command in COMMANDS:
        assert f" {command} " in out


def test_no_command_at_all_shows_the_commands(line: Line) -> None:
    """Whoever types nothing learns what there is."""
    code, out, _ = line()

    assert code == 0
    assert "rehearse" in out


def test_version_tells_what_decides_a_run(line: Line) -> None:
    """A bug report needs one line: the project's, the client's and Terraform's version."""
    code, out, _ = line("--version")

    assert code == 0
    for told in ("carepath ", "dagger-io ", "terraform "):
        assert told in out


OPTIONS = {
    "plan": ["--out", "--markdown", "--detailed-exitcode"],
    "apply": ["--approved", "--allow-destroy"],
    "deploy": ["--service", "--approved", "--allow-destroy", "--auto-rollback"],
    "rollback": ["--to", "--approved", "--allow-destroy"],
    "rehearse": ["rollback", "releases", "status", "drift", "--gone", "--fail", "--auto-rollback", "--allow-destroy"],
}


@pytest.mark.parametrize("command", OPTIONS)
def test_help_tells_of_every_option(line: Line, command: str) -> None:
    """What a command understands stands in its help."""
    _, out, _ = line(command, "--help")

    assert [option for option in OPTIONS[command] if option not in out] == []


@pytest.mark.parametrize(
    "words",
    [
        ["rollback", "2026-01-01"],
        ["rollback", "--auto-rollback"],
        ["drift", "--approved", "0123456789ab"],
        ["status", "now"],
        ["releases", "--service", "db-api"],
        ["plan", "--approved", "0123456789ab"],
        ["apply", "--auto-rollback"],
        ["deploy", "--allow-destroy"],
        ["rehearse", "publish"],
        ["rehearse", "drift", "status"],
    ],
)
def test_option_of_another_command_is_refused(line: Line, words: list[str]) -> None:
    """What a command does not understand starts nothing."""
    code, out, err = line(*words)

    assert (code, out) == (2, "")
    assert err
    assert "Traceback" not in err
