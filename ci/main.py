"""The pipeline as a program: `python ci/main.py COMMAND`."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Run as a script: what is imported lies beside this file's folder, not in it.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from ci.process import reexec as interpreter
    from ci.process import signals

    signals.leave_when_asked()
    interpreter.ensure()

from ci.cli.app import app
from ci.cli.wanted import Wanted

__all__ = ["app"]

if __name__ == "__main__":
    sys.exit(Wanted.call(app))
