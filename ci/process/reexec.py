"""Go on in .venv when the Python that was started does not have the pipeline's packages."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

VENV = Path(__file__).resolve().parents[2] / ".venv"
MISSING = 3


def ensure() -> None:
    """
    Return where the packages are; else start the same command line anew with .venv's Python.

    Where there is no .venv either, the program ends with exit code 3 and the
    command that makes one.
    """
    if importlib.util.find_spec("cyclopts") is not None:
        return
    python = VENV / "bin/python"
    if python.is_file() and Path(sys.prefix) != VENV:
        os.execv(python, [str(python), *sys.argv])  # noqa: S606 - the very program, by its full path
    sys.stderr.write("The pipeline's packages are not installed here. Run `make venv`, then this again.\n")
    sys.exit(MISSING)
