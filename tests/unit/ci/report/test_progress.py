"""The lines of a run while it goes."""

from __future__ import annotations

import io

import anyio
import pytest
from rich.console import Console

from ci.errors import CheckFailed
from ci.report import progress as module
from ci.report.model import Report
from ci.report.progress import Progress

pytestmark = pytest.mark.anyio


class Screen(io.StringIO):
    """A log that notices when a line says that something goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.going_on = anyio.Event()

    def write(self, text: str, /) -> int:
        if "goes on" in text:
            self.going_on.set()
        return super().write(text)


@pytest.fixture
def progress() -> Progress:
    found = Progress(Report("deploy", "demo"))
    found.console = Console(file=io.StringIO(), soft_wrap=True)
    return found


def lines(progress: Progress) -> list[str]:
    assert isinstance(progress.console.file, io.StringIO)
    return progress.console.file.getvalue().splitlines()


async def test_failure_of_a_stage_is_the_failure_itself(progress: Progress) -> None:
    """The stage is marked as failed, and its error comes out of no group."""
    problem = CheckFailed("db-api failed.", code="tests_failed")

    with pytest.raises(CheckFailed):
        async with progress.stage("check"):
            raise problem

    assert [stage.status for stage in progress.report.stages] == ["failed"]
    assert lines(progress)[-1].startswith("✘ check")


async def test_bug_in_a_stage_is_the_bug_itself(progress: Progress) -> None:
    """A bug keeps its type, so that the report can name it."""
    with pytest.raises(KeyError):
        async with progress.stage("check"):
            raise KeyError


async def test_cancelled_stage_is_interrupted_and_not_failed(progress: Progress) -> None:
    """Whoever pressed Ctrl-C sees which stage it hit."""
    with anyio.CancelScope() as scope:
        async with progress.stage("build"):
            scope.cancel()
            await anyio.lowlevel.checkpoint()

    assert scope.cancelled_caught
    assert [stage.status for stage in progress.report.stages] == ["interrupted"]
    assert lines(progress)[-1].startswith("■ build")


async def test_stage_that_ends_well_tells_its_result(progress: Progress) -> None:
    """One line when it starts, one when it ends, with the time and what it did."""
    async with progress.stage("build") as stage:
        stage.result = "db-api [built]"

    assert lines(progress)[0] == "▶ build"
    assert lines(progress)[-1].startswith("✔ build")
    assert lines(progress)[-1].endswith("db-api [built]")
    assert stage.status == "done"
    assert 0 <= stage.seconds < 10


async def test_unchanged_stage_is_marked_so(progress: Progress) -> None:
    """A second run shows which of its stages had nothing to do."""
    async with progress.stage("publish") as stage:
        stage.status = "unchanged"

    assert lines(progress)[-1].startswith("= publish")


async def test_long_stage_says_that_it_goes_on(progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that says nothing for a while is not taken for dead, and the lines end with it."""
    monkeypatch.setattr(module, "HEARTBEAT", 0.001)
    screen = Screen()
    progress.console = Console(file=screen, soft_wrap=True)

    with anyio.fail_after(5):
        async with progress.stage("apply"):
            await screen.going_on.wait()

    assert "… apply goes on" in screen.getvalue()
    assert screen.getvalue().splitlines()[-1].startswith("✔ apply")


async def test_short_stage_says_nothing_in_between(progress: Progress) -> None:
    """The first such line comes after half a minute."""
    assert module.HEARTBEAT == 30

    async with progress.stage("apply"):
        await anyio.lowlevel.checkpoint()

    assert len(lines(progress)) == 2


async def test_lines_go_to_stderr_and_quiet_leaves_them_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout holds the result alone, with --quiet as without."""
    for quiet in (False, True):
        loud = Progress(Report("deploy", "demo"), quiet=quiet)
        loud.say("a line")
        async with loud.stage("build"):
            pass
        captured = capsys.readouterr()

        assert captured.out == ""
        assert bool(captured.err) is not quiet
        assert [stage.name for stage in loud.report.stages] == ["build"]
