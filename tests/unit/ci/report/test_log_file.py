"""What a run said, kept on disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ci.errors import NotReady
from ci.report.log_file import KEPT, kept
from ci.report.model import Report
from ci.report.progress import Progress

FULL = Path("/dev/full")

pytestmark = pytest.mark.anyio


async def test_folder_that_cannot_be_written_to_stops_no_run(tmp_path: Path) -> None:
    """The log is a help, not a condition."""
    file = tmp_path / "file"
    file.touch()

    with kept(file / "runs", "deploy", "ab" * 16) as log:
        progress = Progress(Report("deploy", "demo"), quiet=True, log=log)
        async with progress.stage("plan"):
            pass
        progress.close()

    assert log is None


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
async def test_full_disk_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are lost then, and nothing else."""
    monkeypatch.setattr("pathlib.Path.open", lambda _, mode: open(FULL, mode))  # noqa: PTH123, SIM115 - closed by the log

    with kept(tmp_path, "deploy", "ab" * 16) as log:
        assert log
        progress = Progress(Report("deploy", "demo"), quiet=True, log=log)
        for _ in range(400):
            async with progress.stage("plan"):
                pass
        progress.close()


async def test_lines_and_report_are_kept_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said with its time, then the report; no colours, even where the terminal gets them."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    report = Report("deploy", "demo")
    with kept(tmp_path / "runs", "deploy", "ab" * 16) as log:
        progress = Progress(report, quiet=True, log=log)
        async with progress.stage("plan") as stage:
            stage.result = "2 to create [sic]"
        report.problem = NotReady("Something is missing.", code="planted", hint="Bring it.")
        progress.close()

    (file,) = (tmp_path / "runs").iterdir()
    text = file.read_text()
    assert file.name.endswith("-deploy-abababab.log")
    assert "2 to create [sic]" in text
    assert text.rstrip().endswith("→ Bring it.")
    assert "\x1b" not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_only_the_newest_logs_stay(tmp_path: Path) -> None:
    """A folder of logs must not grow for ever."""
    for number in range(KEPT + 5):
        (tmp_path / f"2026-01-{number + 1:02}T000000Z-plan-ab.log").touch()

    with kept(tmp_path, "deploy", "ab" * 16):
        pass

    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == KEPT
    assert "deploy" in names[-1]
    assert names[0].startswith("2026-01-07")
