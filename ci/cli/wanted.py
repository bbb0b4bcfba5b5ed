"""The commands, each as one run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ci.cli import prompt as asking
from ci.cli.runner import Run
from ci.errors import CHANGES_PENDING, UsageError
from ci.process.detach import detached
from ci.process.streams import lasting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ci.aws.client import Aws
    from ci.cli.runner import Body
    from ci.graph import Format
    from ci.pipeline import Pipeline
    from ci.process.interrupts import Interrupts
    from ci.rehearsal.command import Command, EngineName
    from ci.report.model import Report
    from ci.report.progress import Progress
    from ci.services import Service
    from ci.settings import Settings
    from ci.terraform.approval import Wishes

# Of --fail: not a resource type, but what is asked at the end.
SMOKE = "smoke"


class Wanted(Run):
    """A command as it is wanted; each method is one command and returns the exit code."""

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

    def plan(self, *, service: str | None, out: Path | None, markdown: Path | None, detailed_exitcode: bool) -> int:
        from ci.report.markdown import comment  # noqa: PLC0415
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

            from ci.aws import release_history as releases  # noqa: PLC0415

            report.releases = await anyio.to_thread.run_sync(releases.read, aws)

        return self.look(work)

    def status(self) -> int:
        async def work(settings: Settings, aws: Aws, report: Report) -> None:
            from ci.stages.status import status  # noqa: PLC0415

            report.status = await status(settings, aws)

        return self.look(work)

    def unlock(self, lock_id: str) -> int:
        async def work(settings: Settings, progress: Progress, _: Interrupts) -> None:
            import anyio  # noqa: PLC0415

            from ci.aws.client import Aws  # noqa: PLC0415
            from ci.settings import declared_region  # noqa: PLC0415
            from ci.stages.unlock import unlock  # noqa: PLC0415

            aws = Aws(settings, declared_region(settings))
            async with progress.stage("unlock") as stage:
                stage.result = await anyio.to_thread.run_sync(unlock, aws, lock_id)

        return self.run(work)

    def destroy(self, confirm: str) -> int:
        if (code := detached()) is not None:
            return code
        if not confirm and asking.somebody():
            confirm = asking.ask(f"Type the environment's name ({self.options.env}) to destroy all of it: ")
        if confirm != self.options.env:
            return self.run(self._not_confirmed(confirm))
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
            from ci.rehearsal.command import rehearse  # noqa: PLC0415
            from ci.rehearsal.providers.faults import Faults  # noqa: PLC0415

            try:
                faults = Faults.parse(delay, [each for each in fail if each != SMOKE], gone)
            except ValueError:
                title = "--delay takes SECONDS or SECONDS:TYPE."
                raise UsageError(title, code="delay_invalid", hint="Such as: --delay 20:aws_eks_cluster") from None

            def settled() -> None:
                self.print(progress)
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
                wishes=self.asking(wishes),
                settled=settled,
            )

        return self.run(run, printed=keep)

    def graph(self, form: Format, *, service: str | None) -> int:
        async def run(settings: Settings, progress: Progress, _: Interrupts) -> None:
            from ci import graph, services  # noqa: PLC0415

            found = graph.steps(settings, services.select(service), alone=service is not None)
            draw = {"tree": graph.tree, "mermaid": graph.mermaid}[form]
            progress.report.steps = [vars(each) for each in found]
            if not self.options.json:
                lasting(sys.stdout).write(draw(found) + "\n")

        # What is drawn is all that is to be read.
        return self.run(run, printed=not self.options.json)

    def doctor(self) -> int:
        from ci.cli import doctor  # noqa: PLC0415

        return doctor.main(json=self.options.json)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        title = f"{path} could not be written: {error.strerror}."
        raise UsageError(title, code="file_not_written", hint="Name a file in a folder that is there.") from None


def _plan_file(settings: Settings) -> Path:
    return settings.work_folder / "plan.tfplan"
