"""What git says of the checkout."""

from __future__ import annotations

import subprocess

from ci.settings import ROOT


def git(*arguments: str) -> str | None:
    """Return what git prints for ARGUMENTS, stripped; None where there is no git, no checkout or no answer."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            start_new_session=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
