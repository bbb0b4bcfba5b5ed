"""Which Python the pipeline goes on with, started as a user starts it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from ci.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# A Python without any package, as a machine has before `make venv`.
BARE = [sys.executable, "-S", "-I"]
START = """
import pathlib, sys
sys.path.insert(0, {root!r})
from ci.process import reexec as interpreter
interpreter.VENV = pathlib.Path({venv!r})
interpreter.ensure()
"""


def start(venv: Path) -> subprocess.CompletedProcess[str]:
    code = START.format(root=str(ROOT), venv=str(venv))
    return subprocess.run([*BARE, "-c", code, "deploy", "--quiet"], capture_output=True, text=True, check=False)


def test_without_packages_and_venv_the_way_out_is_told(tmp_path: Path) -> None:
    """A bare Python ends with one sentence that names the command, and no traceback."""
    done = start(tmp_path / ".venv")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "The pipeline's packages are not installed here. Run `make venv`, then this again.\n"


def test_the_project_s_own_python_goes_on(tmp_path: Path) -> None:
    """The same command line is started anew with the Python of .venv."""
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)

    assert start(tmp_path / ".venv").stdout == "-c deploy --quiet\n"
