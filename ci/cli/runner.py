"""One command's run: settings and session opened, errors told, the report printed, the exit code returned."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
from typing import TYPE_CHECKING, Any

from ci.cli import prompt as asking
from ci.errors import NotReady, PipelineError
from ci.process import signals
from ci.process.detach import detached
from ci.process.streams import lasting_output

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from cyclopts import App

    from ci.aws.client import Aws
    from ci.cli.options import Options
    from ci.pipeline import Pipeline
    from ci.process.interrupts import Interrupts
    from ci.report.model import Report
    from ci.report.progress import Progress
    from ci.services import Service
    from ci.settings import Settings
    from ci.terraform.approval import Wishes

    Work = Callable[[Pipeline, Sequence[Service]], Awaitable[Any]]
    Body = Callable[[Settings, Progress, Interrupts], Awaitable[None]]


class Run:
    """The run of COMMAND with its OPTIONS; each method runs it one way and returns the exit code."""

    def __init__(self, command: str, options: Options) -> None:
        self.command = command
        self.options = options

    @staticmethod
    def call(app: App) -> int:
        """Run the command that the command line names, as the program: signals and output are its own."""
        signals.leave_when_asked()
        with lasting_output():
            try:
                result: int = app(result_action="return_value")
            finally:
                signals.ignore()
        return result

    def on_engine(self, work: Work, *, service: str | None = None) -> int:
        """Run WORK with an engine and no cloud."""
        return self.run(
            lambda settings, progress, interrupts: self._work(work, settings, progress, interrupts, service)
        )

    def in_cloud(
        self, work: Work, *, service: str | None = None, changes: bool = False, wishes: Wishes | None = None
    ) -> int:
        """
        Run WORK with an engine and the cloud, minding WISHES.

        CHANGES makes it own its session and outlive `dagger run`.
        """
        if changes and (code := detached()) is not None:
            return code

        async def run(settings: Settings, progress: Progress, interrupts: Interrupts) -> None:
            await self._work(
                work, settings, progress, interrupts, service, cloud=True, changes=changes, wishes=self.asking(wishes)
            )

        return self.run(run)

    def look(self, work: Callable[[Settings, Aws, Report], Awaitable[None]]) -> int:
        """Run WORK, which asks AWS and needs no engine."""

        async def run(settings: Settings, progress: Progress, _: Interrupts) -> None:
            from ci.aws.client import Aws  # noqa: PLC0415
            from ci.settings import declared_region  # noqa: PLC0415

            await work(settings, Aws(settings, declared_region(settings)), progress.report)

        return self.run(run)

    async def _work(
        self,
        work: Work,
        settings: Settings,
        progress: Progress,
        interrupts: Interrupts,
        service: str | None,
        *,
        cloud: bool = False,
        changes: bool = False,
        wishes: Wishes | None = None,
    ) -> None:
        from uuid import uuid4  # noqa: PLC0415

        from ci import services  # noqa: PLC0415
        from ci.aws.client import Aws  # noqa: PLC0415
        from ci.pipeline import Pipeline  # noqa: PLC0415
        from ci.settings import declared_region  # noqa: PLC0415

        chosen = services.select(service)
        aws = Aws(settings, declared_region(settings))
        if cloud:
            # Asked first, so that a run with no or the wrong account ends in a second.
            import anyio  # noqa: PLC0415

            await anyio.to_thread.run_sync(aws.account)
        async with self._session(settings, own=changes):
            from ci.engines.dagger.engine import DaggerEngine  # noqa: PLC0415

            run_id = uuid4().hex
            progress.report.engine = "dagger"
            engine = DaggerEngine(settings, run_id)
            pipeline = Pipeline(settings, engine, aws, progress, interrupts, run_id=run_id)
            pipeline.wishes = wishes or pipeline.wishes
            await work(pipeline, chosen)

    def asking(self, wishes: Wishes | None) -> Wishes | None:
        """Return WISHES with the way to ask whoever sits at the terminal, if somebody does."""
        if wishes is None or self.options.json or not asking.somebody():
            return wishes
        return dataclasses.replace(wishes, ask=asking.ask_meanwhile)

    @contextlib.asynccontextmanager
    async def _session(self, settings: Settings, *, own: bool) -> AsyncIterator[None]:
        from ci.engines.dagger.session import open_session  # noqa: PLC0415

        log = settings.work_folder / "session.log"
        async with open_session(settings.dagger, own=own, timeout=settings.engine_timeout, log=log):
            yield

    def run(self, body: Body, *, printed: bool = False) -> int:
        """Run BODY, print the report unless it was PRINTED by a body that succeeded, return the exit code."""
        from ci.report.log_file import kept  # noqa: PLC0415
        from ci.report.model import Report  # noqa: PLC0415
        from ci.report.progress import Progress  # noqa: PLC0415
        from ci.report.tracing import Trace  # noqa: PLC0415
        from ci.settings import ROOT  # noqa: PLC0415

        trace = Trace()
        report = Report(self.command, self.options.env, trace.id)
        with kept(ROOT / ".carepath" / self.options.env / "runs", self.command, trace.id) as log:
            report.log = log.name if log else ""
            with trace.exported(self.command):
                self._told(body, Progress(report, quiet=self.options.quiet, log=log, trace=trace), printed=printed)
        return report.exit_code

    def _told(self, body: Body, progress: Progress, *, printed: bool) -> None:
        """Run BODY and tell how it went: by PROGRESS while it goes, by the report at its end."""
        import anyio  # noqa: PLC0415

        from ci import settings as all_settings  # noqa: PLC0415
        from ci.process.interrupts import Interrupts  # noqa: PLC0415

        interrupts = Interrupts(progress.say)

        async def run() -> None:
            settings = all_settings.load()
            await interrupts.run(lambda: body(settings, progress, interrupts))

        # To the last line, so that one more Ctrl-C cuts neither the report nor the exit code.
        with signals.heard(interrupts.hear):
            try:
                anyio.run(run)
            except PipelineError as error:
                progress.report.problem = error
            except Exception as error:
                if self.options.debug and not _disk_full(error):
                    raise
                progress.report.problem = _unforeseen(error)
            progress.close()
            if progress.report.problem or not printed:
                self.print(progress)

    def print(self, progress: Progress) -> None:
        from ci.report import output as outlets  # noqa: PLC0415

        outlets.put(progress.report, json=self.options.json, say=progress.say)


def _disk_full(error: Exception) -> bool:
    """Tell whether ERROR came of a full disk; shutil's own kind has no number, only the words."""
    numbers = {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, OSError) and (error.errno in numbers or os.strerror(errno.ENOSPC) in str(error))


def _unforeseen(error: Exception) -> PipelineError:
    """Return what is told of ERROR, which no stage has told: a bug, unless a disk is full."""
    if _disk_full(error):
        title = "There is no space left on a disk of this machine."
        hint = (
            "Make room where .carepath and temporary files (TMPDIR) lie, then run it again: it goes on from the state."
        )
        return NotReady(title, code="disk_full", hint=hint)
    title = f"This is a bug in the pipeline: {type(error).__name__}."
    hint = "Run it again with --debug and report the traceback; it may hold values, so read it first."
    return PipelineError(title, code="bug", hint=hint)
