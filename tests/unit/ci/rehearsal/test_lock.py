"""One rehearsal at a time in one checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ci.errors import NotReady
from ci.rehearsal.lock import turn

ROOT = Path(__file__).resolve().parents[4]
HOLD = "import sys; from pathlib import Path; from ci.rehearsal.lock import turn\n"
HOLD += "with turn(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


def test_second_rehearsal_is_told_who_is_first(tmp_path: Path) -> None:
    """Its process, since when, and what to do; the first is not disturbed."""
    with turn(tmp_path / "host.lock"):
        for _ in range(2):
            with pytest.raises(NotReady) as caught, turn(tmp_path / "host.lock"):
                pass

    assert (caught.value.code, caught.value.exit_code) == ("rehearsal_running", 3)
    assert f"process {os.getpid()} since 2" in caught.value.title
    assert "Ctrl-C" in caught.value.hint


def test_turn_of_a_killed_rehearsal_is_over(tmp_path: Path) -> None:
    """A process that was killed leaves its file behind, and nobody out."""
    path = tmp_path / "host.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"
        with pytest.raises(NotReady, match=f"process {first.pid} "), turn(path):
            pass
        first.kill()
        first.wait()

        with turn(path):
            assert f"process {os.getpid()} " in path.read_text()


def test_turns_follow_each_other(tmp_path: Path) -> None:
    """Who ends, well or badly, gives it to the next; the other engine's rehearsal has one of its own."""
    for _ in range(2):
        with (
            pytest.raises(ZeroDivisionError),
            turn(tmp_path / "new/host.lock"),
            turn(tmp_path / "new/dagger.lock"),
        ):
            raise ZeroDivisionError
