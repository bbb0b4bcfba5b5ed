"""The shell in which a container's Terraform runs, driven by files, as the engine has no signal for it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Program = Callable[[str, str], Path]

# It says that it runs, and from then on that it was told to stop, but goes on all the same.
DEAF = """
trap 'echo told' TERM
echo runs
while :; do sleep 0.1; done
"""


@pytest.fixture
def stoppable() -> str:
    """Return the script; the module that has it loads Dagger's client, which takes two seconds."""
    from ci.engines.dagger.terraform import STOPPABLE  # noqa: PLC0415

    return STOPPABLE


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("apply", 3),
        *(pytest.param(name, asked, marks=pytest.mark.slow) for name, asked in [("init", 2), ("show", 2), ("plan", 3)]),
    ],
)
def test_terraform_that_heeds_nothing_is_killed(
    program: Program, tmp_path: Path, stoppable: str, command: str, asked: int
) -> None:
    """When it is asked once more than it may heed; its exit code is no signal's, which the engine would not give."""
    mail = tmp_path / "mail"
    arguments = ["sh", "-c", stoppable, str(mail), str(program("terraform", DEAF)), command]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "runs\n"
        for _ in range(asked - 1):
            mail.touch()
            assert process.stdout.readline() == "told\n"
        mail.touch()

        assert process.wait(20) == 1

    assert terraform.obeys(command, asked - 1)
    assert not terraform.obeys(command, asked)


@pytest.mark.parametrize("code", [0, 2, 127])
def test_exit_code_comes_through(program: Program, tmp_path: Path, stoppable: str, code: int) -> None:
    """2 of a plan means changes."""
    arguments = ["sh", "-c", stoppable, str(tmp_path / "mail"), str(program("terraform", f"exit {code}")), "plan"]

    assert subprocess.run(arguments, check=False, timeout=20).returncode == code
