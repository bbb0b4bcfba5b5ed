"""One command's run: settings and session opened, errors told, the report printed, the exit code returned."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from ci import signals
from ci.detach import detached
from ci.errors import BUG, CHANGES_PENDING, NotReady, PipelineError, UsageError
from ci.streams import lasting, lasting_output

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from cyclopts import App

    from ci.interrupt import Interrupts
    from ci.pipeline import Pipeline
    from ci.report import Progress
    from ci.services import Service
    from ci.settings import Settings

    Work = Callable[[Pipeline, Sequence[Service]], Awaitable[Any]]


@dataclass(frozen=True)
class Options:
    """What every command understands."""

    env: Annotated[Literal["demo"], Parameter(help="The environment, a folder of infra/terraform/envs.")] = "demo"
    json: Annotated[bool, Parameter(negative="", help="Print one JSON document to stdout, and nothing else there.")] = (
        False
    )
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", help="No progress lines.")] = False
    debug: Annotated[bool, Parameter(negative="", help="Show a bug's traceback.")] = False


class Wanted:
    """The command COMMAND with its OPTIONS; each method runs it one way and returns the exit code."""

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

    @staticmethod
    def version() -> str:
        """Return the versions that decide how a run behaves."""
        import tomllib  # noqa: PLC0415
        from importlib.metadata import version  # noqa: PLC0415

        from ci import pins  # noqa: PLC0415
        from ci.settings import ROOT  # noqa: PLC0415

        own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        terraform = pins.TERRAFORM_IMAGE.partition(":")[2].partition("@")[0]
        return f"carepath {own}, dagger-io {version('dagger-io')}, toolbox terraform {terraform}"

    def on_engine(self, work: Work, *, service: str | None = None) -> int:
        """Run WORK with an engine and no cloud."""
        return self._run(
            lambda settings, progress, interrupts: self._work(work, settings, progress, interrupts, service)
        )

    def in_cloud(self, work: Work, *, service: str | None = None, changes: bool = False) -> int:
        """Run WORK with an engine and the cloud; CHANGES makes it own its session and outlive `dagger run`."""
        if changes and (code := detached()) is not None:
            return code

        async def run(settings: Settings, progress: Progress, interrupts: Interrupts) -> None:
            await self._work(work, settings, progress, interrupts, service, cloud=True, changes=changes)

        return self._run(run)

    def plan(self, *, service: str | None, out: Path | None, detailed_exitcode: bool) -> int:
        pending: list[bool] = []

        from ci.settings import refuse_placeholders  # noqa: PLC0415

        async def work(pipeline: Pipeline, services: Sequence[Service]) -> None:
            refuse_placeholders(pipeline.settings)
            target = out or _plan_file(pipeline.settings)
            summary = await pipeline.plan(service=services[0] if service else None, out=target)
            pending.append(not summary.empty)
            pipeline.progress.say(f"The plan is saved. Apply it with: python ci/main.py apply {out or ''}".rstrip())

        # A plan takes the state's lock, which a killed one would leave behind.
        code = self.in_cloud(work, service=service, changes=True)
        return CHANGES_PENDING if code == 0 and detailed_exitcode and any(pending) else code

    def apply(self, plan_file: Path | None) -> int:
        return self.in_cloud(
            lambda pipeline, _: pipeline.apply(plan_file or _plan_file(pipeline.settings)), changes=True
        )

    def deploy(self, *, service: str | None) -> int:
        from ci.settings import refuse_placeholders  # noqa: PLC0415

        async def work(pipeline: Pipeline, services: Sequence[Service]) -> None:
            refuse_placeholders(pipeline.settings)
            await pipeline.deploy(services[0] if service else None)

        return self.in_cloud(work, service=service, changes=True)

    def destroy(self, confirm: str) -> int:
        if (code := detached()) is not None:
            return code
        if not confirm and sys.stdin.isatty():
            # To stderr: stdout is for the result.
            sys.stderr.write(f"Type the environment's name ({self.options.env}) to destroy all of it: ")
            sys.stderr.flush()
            confirm = sys.stdin.readline().strip()
        if confirm != self.options.env:
            return self._run(self._not_confirmed(confirm))
        return self.in_cloud(lambda pipeline, _: pipeline.destroy(), changes=True)

    def _not_confirmed(self, confirm: str) -> Callable[[Settings, Progress, Interrupts], Awaitable[None]]:
        async def refuse(*_: object) -> None:
            title = f"Nothing was destroyed: {confirm or 'nothing'} was typed, not {self.options.env}."
            raise UsageError(title, code="not_confirmed", hint=f"Say --confirm {self.options.env}.")

        return refuse

    def rehearse(
        self,
        *,
        engine: Literal["dagger", "host"] | None,
        keep: bool,
        fresh: bool,
        delay: Sequence[str],
        fail: Sequence[str],
    ) -> int:
        if (code := detached()) is not None:
            return code

        async def run(settings: Settings, progress: Progress, interrupts: Interrupts) -> None:
            from ci.rehearsal.providers.faults import Faults  # noqa: PLC0415
            from ci.rehearsal.rehearse import rehearse  # noqa: PLC0415

            try:
                faults = Faults.parse(delay, fail)
            except ValueError:
                title = "--delay takes SECONDS or SECONDS:TYPE."
                raise UsageError(title, code="delay_invalid", hint="Such as: --delay 20:aws_eks_cluster") from None

            def settled() -> None:
                self._print(progress)
                progress.say("The services stay up. Ctrl-C stops everything.")

            await rehearse(
                settings,
                progress,
                interrupts,
                engine=engine,
                keep=keep,
                fresh=fresh,
                faults=faults,
                settled=settled,
            )

        return self._run(run, printed=keep)

    def doctor(self) -> int:
        from ci import doctor  # noqa: PLC0415

        return doctor.main(json=self.options.json)

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
    ) -> None:
        from uuid import uuid4  # noqa: PLC0415

        from ci import services  # noqa: PLC0415
        from ci.aws import Aws  # noqa: PLC0415
        from ci.pipeline import Pipeline  # noqa: PLC0415
        from ci.settings import declared_region  # noqa: PLC0415

        chosen = services.select(service)
        aws = Aws(settings, declared_region(settings))
        if cloud:
            # Asked first, so that a run with no or the wrong account ends in a second.
            import anyio  # noqa: PLC0415

            await anyio.to_thread.run_sync(aws.account)
        async with self._session(settings, own=changes):
            from ci.engines.dagger import DaggerEngine  # noqa: PLC0415

            run_id = uuid4().hex
            progress.report.engine = "dagger"
            engine = DaggerEngine(settings, run_id)
            await work(Pipeline(settings, engine, aws, progress, interrupts, run_id=run_id), chosen)

    @contextlib.asynccontextmanager
    async def _session(self, settings: Settings, *, own: bool) -> AsyncIterator[None]:
        from ci.session import open_session  # noqa: PLC0415

        log = settings.work_folder / "session.log"
        async with open_session(settings.dagger, own=own, timeout=settings.engine_timeout, log=log):
            yield

    def _run(self, body: Callable[[Settings, Progress, Interrupts], Awaitable[None]], *, printed: bool = False) -> int:
        """Run BODY, print the report unless it was PRINTED by a body that succeeded, return the exit code."""
        import anyio  # noqa: PLC0415

        from ci import settings as all_settings  # noqa: PLC0415
        from ci.interrupt import Interrupts  # noqa: PLC0415
        from ci.report import Progress, Report  # noqa: PLC0415

        progress = Progress(Report(self.command, self.options.env), quiet=self.options.quiet)
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
                if self.options.debug:
                    raise
                title = f"This is a bug in the pipeline: {type(error).__name__}."
                hint = "Run it again with --debug and report the traceback; it may hold values, so read it first."
                progress.report.problem = PipelineError(title, code="bug", hint=hint)
            if progress.report.problem or not printed:
                self._print(progress)
        return progress.report.exit_code

    def _print(self, progress: Progress) -> None:
        from rich.console import Console  # noqa: PLC0415

        from ci import report  # noqa: PLC0415

        if self.options.json:
            stdout = lasting(sys.stdout)
            stdout.write(report.to_json(progress.report) + "\n")
            stdout.flush()
        else:
            report.show(
                progress.report, Console(file=lasting(sys.stdout), emoji=False, highlight=False, soft_wrap=True)
            )
        if path := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                with open(path, "a", encoding="utf-8") as summary:  # noqa: PTH123 - a path the runner gives, as it is
                    summary.write(report.to_markdown(progress.report))
            except OSError as error:
                progress.say(f"The step summary could not be written: {error.strerror}.")


def _plan_file(settings: Settings) -> Path:
    return settings.work_folder / "plan.tfplan"


__all__ = ["BUG", "NotReady", "Options", "Wanted"]
