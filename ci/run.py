"""One command's run: settings and session opened, errors told, the report printed, the exit code returned."""

from __future__ import annotations

import contextlib
import dataclasses
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

    from ci.aws import Aws
    from ci.graph import Format
    from ci.interrupt import Interrupts
    from ci.pipeline import Pipeline
    from ci.rehearsal.rehearse import Command, EngineName
    from ci.report import Progress, Report
    from ci.services import Service
    from ci.settings import Settings
    from ci.wishes import Wishes

    Work = Callable[[Pipeline, Sequence[Service]], Awaitable[Any]]
    Body = Callable[[Settings, Progress, Interrupts], Awaitable[None]]


# Of --fail: not a resource type, but what is asked at the end.
SMOKE = "smoke"


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
                work, settings, progress, interrupts, service, cloud=True, changes=changes, wishes=self._asking(wishes)
            )

        return self._run(run)

    def plan(self, *, service: str | None, out: Path | None, markdown: Path | None, detailed_exitcode: bool) -> int:
        from ci.markdown import comment  # noqa: PLC0415
        from ci.settings import refuse_placeholders  # noqa: PLC0415

        async def work(pipeline: Pipeline, services: Sequence[Service]) -> None:
            refuse_placeholders(pipeline.settings)
            target = out or _plan_file(pipeline.settings)
            summary = await pipeline.plan(service=services[0] if service else None, out=target)
            if markdown is not None:
                _write(markdown, comment(pipeline.report))
            if detailed_exitcode and not summary.empty:
                pipeline.report.found = CHANGES_PENDING
            pipeline.progress.say(f"The plan is saved. Apply it with: python ci/main.py apply {out or ''}".rstrip())

        # A plan takes the state's lock, which a killed one would leave behind.
        return self.in_cloud(work, service=service, changes=True)

    def apply(self, plan_file: Path | None, *, wishes: Wishes) -> int:
        return self.in_cloud(
            lambda pipeline, _: pipeline.apply(plan_file or _plan_file(pipeline.settings)), changes=True, wishes=wishes
        )

    def deploy(self, *, service: str | None, wishes: Wishes) -> int:
        from ci.settings import refuse_placeholders  # noqa: PLC0415

        async def work(pipeline: Pipeline, services: Sequence[Service]) -> None:
            refuse_placeholders(pipeline.settings)
            await pipeline.deploy(services[0] if service else None)

        return self.in_cloud(work, service=service, changes=True, wishes=wishes)

    def releases(self) -> int:
        async def work(_: Settings, aws: Aws, report: Report) -> None:
            import anyio  # noqa: PLC0415

            from ci import releases  # noqa: PLC0415

            report.releases = await anyio.to_thread.run_sync(releases.read, aws)

        return self._look(work)

    def status(self) -> int:
        async def work(settings: Settings, aws: Aws, report: Report) -> None:
            from ci.stages.status import status  # noqa: PLC0415

            report.status = await status(settings, aws)

        return self._look(work)

    def _look(self, work: Callable[[Settings, Aws, Report], Awaitable[None]]) -> int:
        """Run WORK, which asks AWS and needs no engine."""

        async def run(settings: Settings, progress: Progress, _: Interrupts) -> None:
            from ci.aws import Aws  # noqa: PLC0415
            from ci.settings import declared_region  # noqa: PLC0415

            await work(settings, Aws(settings, declared_region(settings)), progress.report)

        return self._run(run)

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

    def _not_confirmed(self, confirm: str) -> Body:
        async def refuse(*_: object) -> None:
            title = f"Nothing was destroyed: {confirm or 'nothing'} was typed, not {self.options.env}."
            raise UsageError(title, code="not_confirmed", hint=f"Say --confirm {self.options.env}.")

        return refuse

    def rehearse(
        self,
        *,
        rehearsed: Command,
        engine: EngineName | None,
        keep: bool,
        fresh: bool,
        delay: Sequence[str],
        fail: Sequence[str],
        gone: Sequence[str],
        wishes: Wishes,
    ) -> int:
        if (code := detached()) is not None:
            return code

        async def run(settings: Settings, progress: Progress, interrupts: Interrupts) -> None:
            from ci.rehearsal.providers.faults import Faults  # noqa: PLC0415
            from ci.rehearsal.rehearse import rehearse  # noqa: PLC0415

            try:
                faults = Faults.parse(delay, [each for each in fail if each != SMOKE], gone)
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
                command=rehearsed,
                engine=engine,
                keep=keep,
                fresh=fresh,
                faults=faults,
                cut_off=SMOKE in fail,
                wishes=self._asking(wishes),
                settled=settled,
            )

        return self._run(run, printed=keep)

    def graph(self, form: Format, *, service: str | None) -> int:
        async def run(settings: Settings, progress: Progress, _: Interrupts) -> None:
            from ci import graph, services  # noqa: PLC0415

            found = graph.steps(settings, services.select(service), alone=service is not None)
            draw = {"tree": graph.tree, "mermaid": graph.mermaid}[form]
            progress.report.steps = [vars(each) for each in found]
            if not self.options.json:
                lasting(sys.stdout).write(draw(found) + "\n")

        # What is drawn is all that is to be read.
        return self._run(run, printed=not self.options.json)

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
        wishes: Wishes | None = None,
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
            pipeline = Pipeline(settings, engine, aws, progress, interrupts, run_id=run_id)
            pipeline.wishes = wishes or pipeline.wishes
            await work(pipeline, chosen)

    def _asking(self, wishes: Wishes | None) -> Wishes | None:
        """Return WISHES with the way to ask whoever sits at the terminal, if somebody does."""
        if wishes is None or self.options.json or not sys.stdin.isatty():
            return wishes

        async def ask(question: str) -> str:
            import anyio  # noqa: PLC0415

            # To stderr: stdout is for the result.
            sys.stderr.write(question)
            sys.stderr.flush()
            # Not in a thread: one that still reads would hold the program up at its end, after a Ctrl-C.
            await anyio.wait_readable(sys.stdin)
            return sys.stdin.readline().strip()

        return dataclasses.replace(wishes, ask=ask)

    @contextlib.asynccontextmanager
    async def _session(self, settings: Settings, *, own: bool) -> AsyncIterator[None]:
        from ci.session import open_session  # noqa: PLC0415

        log = settings.work_folder / "session.log"
        async with open_session(settings.dagger, own=own, timeout=settings.engine_timeout, log=log):
            yield

    def _run(self, body: Body, *, printed: bool = False) -> int:
        """Run BODY, print the report unless it was PRINTED by a body that succeeded, return the exit code."""
        from ci.report import Progress, Report  # noqa: PLC0415
        from ci.run_log import kept  # noqa: PLC0415
        from ci.settings import ROOT  # noqa: PLC0415
        from ci.telemetry import Trace  # noqa: PLC0415

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
        from ci.interrupt import Interrupts  # noqa: PLC0415

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
            progress.close()
            if progress.report.problem or not printed:
                self._print(progress)

    def _print(self, progress: Progress) -> None:
        from rich.console import Console  # noqa: PLC0415

        from ci import markdown, report  # noqa: PLC0415

        if self.options.json:
            stdout = lasting(sys.stdout)
            stdout.write(report.to_json(progress.report) + "\n")
            stdout.flush()
        else:
            report.show(
                progress.report, Console(file=lasting(sys.stdout), emoji=False, highlight=False, soft_wrap=True)
            )
        for name, text in (
            ("GITHUB_STEP_SUMMARY", markdown.summary(progress.report)),
            ("GITHUB_OUTPUT", report.to_outputs(progress.report)),
        ):
            if path := os.environ.get(name):
                try:
                    with open(path, "a", encoding="utf-8") as file:  # noqa: PTH123 - a path the runner gives, as it is
                        file.write(text)
                except OSError as error:
                    progress.say(f"What ${name} names could not be written: {error.strerror}.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        title = f"{path} could not be written: {error.strerror}."
        raise UsageError(title, code="file_not_written", hint="Name a file in a folder that is there.") from None


def _plan_file(settings: Settings) -> Path:
    return settings.work_folder / "plan.tfplan"


__all__ = ["BUG", "NotReady", "Options", "Wanted"]
