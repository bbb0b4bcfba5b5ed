"""What the pipeline starts at a terminal stays away from it: it neither asks it nor takes its input."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Calls that start a process, and the files whose child belongs to the terminal as they do: the program started again,
# and the installer, which Ctrl-C ends together with uv or pip.
STARTS = {"run", "Popen", "check_output", "run_process", "open_process"}
ITSELF = {"ci/process/detach.py", "ci/environment.py"}
ADOPT = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
# A program that leaves a file of its name where it could reach a terminal.
CURIOUS = """
if [ -t 0 ] || (: </dev/tty) 2>/dev/null; then touch "$0.met"; fi
"""
CALLS = {
    "dagger": "from ci.engines.dagger.session import find_cli; find_cli('dagger')",
    "terraform": "from ci.engines.host.binary import find_terraform; find_terraform()",
    "git": "from ci.git import git; git('status')",
}


def started(path: Path) -> list[ast.Call]:
    """Return the calls in PATH that start a process."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in STARTS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"subprocess", "anyio"}
        and (node.func.value.id, node.func.attr) != ("anyio", "run")
    ]


def test_whatever_is_started_has_its_own_input_and_session() -> None:
    """Both are said at each call, so that none inherits the terminal."""
    calls = [
        (path.relative_to(ROOT).as_posix(), call)
        for path in sorted((ROOT / "ci").rglob("*.py"))
        for call in started(path)
    ]
    assert len(calls) > len(ITSELF)
    for name, call in calls:
        said = {keyword.arg for keyword in call.keywords}
        assert name in ITSELF or {"stdin", "start_new_session"} <= said, (name, call.lineno)


@pytest.mark.parametrize(
    "name", ["git", *(pytest.param(name, marks=pytest.mark.slow) for name in ("dagger", "terraform"))]
)
def test_program_that_is_asked_meets_no_terminal(
    name: str, program: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """What it writes to a terminal, or asks one, would stand on the user's screen."""
    path = program(name, CURIOUS)
    ours, theirs = os.openpty()
    call = f"import contextlib\nwith contextlib.suppress(Exception):\n    {CALLS[name]}"
    try:
        subprocess.run(
            [sys.executable, "-c", ADOPT, sys.executable, "-c", call],
            cwd=ROOT,
            env={**os.environ, "PATH": f"{path.parent}:/bin:/usr/bin", "HOME": str(tmp_path)},
            stdin=theirs,
            check=True,
            start_new_session=True,
        )
    finally:
        os.close(theirs)
        os.close(ours)

    assert not path.with_name(f"{name}.met").exists()
