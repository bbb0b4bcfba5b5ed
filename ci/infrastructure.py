"""One environment's Terraform in one run: opened, planned, applied, each told as a stage."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from ci.stages import apply as apply_stage
from ci.stages import bootstrap as bootstrap_stage
from ci.stages import drift as drift_stage
from ci.stages import plan as plan_stage
from ci.stages import verify as verify_stage
from ci.stages.guard import guard
from ci.terraform import plan_file as saved_plan
from ci.terraform.run_record import Holder
from ci.terraform.timeout import LimitedTerraform

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ci.aws.client import Aws
    from ci.engines.base import Engine, Terraform
    from ci.process.interrupts import Interrupts
    from ci.release import Release
    from ci.report.model import Stage
    from ci.report.progress import Progress
    from ci.settings import Settings
    from ci.terraform.approval import Wishes
    from ci.terraform.plan_summary import PlanSummary


@dataclass
class Infrastructure:
    """What stands below the services: Terraform on `engine` with the state that `aws` keeps, in the run `run_id`."""

    settings: Settings
    engine: Engine
    aws: Aws
    progress: Progress
    interrupts: Interrupts
    run_id: str

    def __post_init__(self) -> None:
        self.holder = Holder(self.aws, self.run_id)

    @contextlib.asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[Stage]:
        """Time the block as the stage NAME; where Terraform was asked to stop in it, that is what is told."""
        async with self.progress.stage(name) as stage:
            with self.interrupts.told():
                yield stage

    async def make_backend(self) -> None:
        """Make the state's place where it is missing."""
        async with self.progress.stage("bootstrap") as stage:
            made = await bootstrap_stage.bootstrap(self.aws)
            stage.result = ", ".join(made) or "the state's bucket and lock table are there"
            stage.status = "done" if made else "unchanged"

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Terraform]:
        """Open the environment's folder, connected to its state."""
        credentials = await anyio.to_thread.run_sync(self.aws.credentials)
        account = await anyio.to_thread.run_sync(self.aws.account)
        secrets = {name: each.get_secret_value() for name, each in self.settings.terraform_secrets.items()}
        # Terraform's own guard: the provider refuses any other account than the one that was looked at here.
        variables = {"TF_VAR_aws_account_id": account, **self.settings.terraform_variables}
        async with self.engine.terraform(variables=variables, secrets={**credentials, **secrets}) as unlimited:
            tf = LimitedTerraform(unlimited, self._limit)
            with self.interrupts.protect(tf.stop):
                async with self.stage("init"):
                    await bootstrap_stage.init(tf, self.aws)
                yield tf

    def _limit(self, arguments: list[str]) -> float:
        if "apply" in arguments:
            return self.settings.apply_timeout + self.settings.lock_timeout
        return self.settings.terraform_timeout + self.settings.lock_timeout

    async def outputs(self, tf: Terraform) -> dict[str, Any]:
        """Return the outputs the state holds; empty before the first apply."""
        return await plan_stage.read_outputs(tf)

    async def plan(
        self, tf: Terraform, release: Release, *, target: str | None = None, destroy: bool = False
    ) -> PlanSummary:
        """Save a plan that brings RELEASE about, show it, and return what it would do."""
        async with self.stage("plan") as stage:
            summary = await plan_stage.plan(
                tf,
                release,
                lock_timeout=self.settings.lock_timeout,
                held_by=self.holder.name,
                target=target,
                destroy=destroy,
            )
            self._show(summary, stage)
        return summary

    async def take(self, tf: Terraform, release: Release, content: bytes) -> PlanSummary:
        """Put the saved plan CONTENT, made for RELEASE, where `apply` takes it; return what it would do."""
        async with self.stage("plan") as stage:
            summary = await plan_stage.take(tf, release, content)
            self._show(summary, stage)
        return summary

    def _show(self, summary: PlanSummary, stage: Stage) -> None:
        counts = {action: number for action, number in summary.counts().items() if number}
        stage.result = ", ".join(f"{number} to {action}" for action, number in counts.items()) or "no changes"
        stage.status = "unchanged" if summary.empty else "done"
        earlier = self.progress.report.plan
        self.progress.report.plan = earlier.then(summary) if earlier else summary

    async def rest(self, tf: Terraform, release: Release) -> None:
        """Say what a deploy of everything would still change: -target hides it."""
        async with self.stage("rest") as stage:
            rest = await plan_stage.plan(tf, release, lock_timeout=self.settings.lock_timeout, held_by=self.holder.name)
            pending = f"{len(rest.changes)} more changes pending: run `python ci/main.py deploy`"
            stage.result = pending if rest.changes else "nothing else is pending"
            stage.status = "done" if rest.changes else "unchanged"

    async def drift(self, tf: Terraform, release: Release) -> PlanSummary:
        """Return what was changed outside Terraform since the last apply."""
        async with self.stage("drift") as stage:
            summary = await drift_stage.drift(
                tf, release, lock_timeout=self.settings.lock_timeout, held_by=self.holder.name
            )
            number = len(summary.drifted)
            stage.result = f"{number} changed outside Terraform" if number else "the cloud is as the state says"
            stage.status = "done" if number else "unchanged"
        self.progress.report.plan = summary
        return summary

    async def allow(self, summary: PlanSummary, wishes: Wishes) -> None:
        """Return when SUMMARY is what was approved by WISHES, and destroys no data that nobody gave up; else raise."""
        if wishes.approved and not await self._applied_already(summary, wishes.approved):
            saved_plan.compare(summary, wishes.approved, approved=True)
        await guard(summary, wishes.allow_destroy, wishes.ask)

    async def _applied_already(self, summary: PlanSummary, approved: str) -> bool:
        """Tell, as a stage too, whether the plan APPROVED was the last one applied and SUMMARY leaves nothing to do."""
        last = await anyio.to_thread.run_sync(self.holder.last) if summary.empty else None
        if last is None or not saved_plan.named(last.applied, approved):
            return False
        async with self.stage("apply") as stage:
            stage.result = "applied already: nothing is left of what was approved"
            stage.status = "unchanged"
        return True

    async def change(
        self, tf: Terraform, release: Release, summary: PlanSummary, wishes: Wishes, *, recorded: bool = False
    ) -> None:
        """
        Apply SUMMARY, the plan that lies there for RELEASE, if WISHES allow it.

        The images of a RECORDED release were verified before they first ran.
        """
        await self.allow(summary, wishes)
        if not summary.empty and not recorded:
            async with self.progress.stage("verify") as stage:
                stage.result = await verify_stage.verify(self.engine, self.aws, self.settings, release)
        # Also where nothing changes: what was applied by hand runs without the tag.
        await apply_stage.keep(self.aws, release)
        if not summary.empty:
            await self.apply(tf, summary)

    async def apply(self, tf: Terraform, summary: PlanSummary) -> None:
        """Apply SUMMARY, the plan that was saved last, and nothing but it."""
        async with self.stage("apply") as stage, self.holder.holding(summary.digest):
            stage.result = await apply_stage.apply(
                tf,
                lock_timeout=self.settings.lock_timeout,
                held_by=self.holder.name,
                rescue=self.settings.work_folder,
            )
