"""The project's own checks see the whole project, and nothing that merely lies beside it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from ci.engines.dagger.workbench import SENT
from ci.settings import ROOT


@pytest.mark.skipif(not (ROOT / ".git").exists() or shutil.which("git") is None, reason="only git knows what is ours")
def test_what_is_sent_is_what_git_has() -> None:
    """A new file or folder at the top is sent, or a check would pass without it."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert sorted(SENT) == sorted({path.partition("/")[0] for path in done.stdout.splitlines()})
