"""The order of stages and what each hands to the next. Knows no engine, and not whether anything is real."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio

from ci import serving
from ci.aws import release_history as releases
from ci.errors import DRIFTED, OK, PipelineError, SmokeFailed
from ci.images import Images
from ci.infrastructure import Infrastructure
from ci.services import SERVICES
from ci.stages import plan as plan_stage
from ci.stages import publish as publish_stage
from ci.stages import rollback as rollback_stage
from ci.terraform import cli as terraform
from ci.terraform import plan_file as saved_plan
from ci.terraform.approval import Wishes
from ci.terraform.plan_file import Origin, SavedPlan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ci.aws.client import Aws
    from ci.aws.release_history import Kind, Recorded
    from ci.engines.base import Engine
    from ci.process.interrupts import Interrupts
    from ci.release import Image, Release
    from ci.report.model import Report
    from ci.report.progress import Progress
    from ci.services import Service
    from ci.serving import Serve
    from ci.settings import Settings
    from ci.terraform.plan_summary import PlanSummary


@dataclass
class Pipeline:
    """One run: what it may use, and what it reports to."""

    settings: Settings
    engine: Engine
    aws: Aws
    progress: Progress
    interrupts: Interrupts
    serve: Serve = serving.public
    run_id: str = field(default_factory=lambda: uuid4().hex)
    wishes: Wishes = field(default_factory=Wishes)

    def __post_init__(self) -> None:
        self.images = Images(self.settings, self.engine, self.aws, self.progress)
        self.infrastructure = Infrastructure(
            self.settings, self.engine, self.aws, self.progress, self.interrupts, self.run_id
        )

    @property
    def report(self) -> Report:
        return self.progress.report

    # The images, which need no state.

    async def check(self, services: Sequence[Service]) -> None:
        """Build the images of SERVICES and run their tests in them; of all services, the project's own checks too."""
        await self.images.check(services)

    async def build(self, services: Sequence[Service]) -> None:
        """Build the images of SERVICES on the engine, whatever the registry has."""
        await self.images.build(services)

    async def publish(self, services: Sequence[Service]) -> list[Image]:
        """Build, check and push what of SERVICES is not in the registry yet; return their images."""
        return await self.images.publish(services)

    # What needs the state.

    async def bootstrap(self) -> None:
        """Make the state's place where it is missing, and show that Terraform can use it."""
        await self.infrastructure.make_backend()
        async with self.infrastructure.opened():
            pass

    async def plan(self, *, service: Service | None = None, out: Path | None = None) -> PlanSummary:
        """Plan what the published images of this checkout, or else the deployed ones, would change; save it as OUT."""
        target = plan_stage.APP if service else None
        async with self.infrastructure.opened() as tf:
            outputs = await self.infrastructure.outputs(tf)
            published = await self.images.published([service] if service else SERVICES)
            release = plan_stage.complete(plan_stage.deployed(outputs).with_images(published))
            self._released(release)
            summary = await self.infrastructure.plan(tf, release, target=target)
            if out is not None:
                run = await anyio.to_thread.run_sync(self.infrastructure.holder.record)
                plan = SavedPlan(
                    origin=await self._origin(),
                    references=dict(release.references),
                    target=target,
                    who=run["who"],
                    commit=run["commit"],
                    made=run["started"],
                    hash=summary.digest,
                )
                saved_plan.save(out, await tf.read(terraform.PLAN_FILE) or b"", plan)
        return summary

    async def _origin(self) -> Origin:
        account = await anyio.to_thread.run_sync(self.aws.account)
        return Origin(self.settings.environment, account, self.aws.region)

    def _released(self, release: Release) -> None:
        for each in SERVICES:
            if reference := release.references.get(each.image_key):
                self.report.release[each.name] = reference

    async def apply(self, plan_file: Path) -> None:
        """Apply the plan saved in PLAN_FILE, and nothing but it."""
        plan, content = saved_plan.load(plan_file, await self._origin())
        self._released(plan_stage.complete(plan.release))
        async with self.infrastructure.opened() as tf:
            summary = await self.infrastructure.take(tf, plan.release, content)
            saved_plan.compare(summary, plan.hash, approved=False)
            await self.infrastructure.change(tf, plan.release, summary, self.wishes)
        saved_plan.remove(plan_file)

    # All of it.

    async def deploy(self, service: Service | None = None) -> None:
        """
        Bring this checkout to the environment: both services and everything below them, or SERVICE alone.

        The images come first, except that their repositories must exist: the
        very first deploy applies `module.ecr` before anything is pushed.
        """
        await self.infrastructure.make_backend()
        async with self.infrastructure.opened() as tf:
            outputs = await self.infrastructure.outputs(tf)
            before = plan_stage.deployed(outputs)
            if service:
                # Told before anything is made: the app module needs both images.
                plan_stage.complete(before, but=service)
            if "db_api_repo_url" not in outputs or await publish_stage.missing(self.aws, SERVICES):
                repositories = await self.infrastructure.plan(tf, before, target=plan_stage.ECR)
                await self.infrastructure.allow(repositories, self.wishes)
                await self.infrastructure.apply(tf, repositories)
            images = await self.publish([service] if service else SERVICES)
            release = plan_stage.complete(before.with_images(images))
            summary = await self.infrastructure.plan(tf, release, target=plan_stage.APP if service else None)
            await self.infrastructure.change(tf, release, summary, self.wishes)
            if not summary.empty:
                outputs = await self.infrastructure.outputs(tf)
            if service:
                await self.infrastructure.rest(tf, release)
        try:
            await self._smoke(release, outputs)
        except SmokeFailed as error:
            raise await self._not_answering(error, before, release) from None
        await self._remember(release, kind="deploy")

    async def _not_answering(self, error: SmokeFailed, before: Release, release: Release) -> SmokeFailed:
        """Return what to tell of RELEASE, which ERROR is about; go back to what ran BEFORE it, if that is the wish."""
        if not self.wishes.auto_rollback:
            return await rollback_stage.offer(self.aws, error, before, release)
        if before == release:
            title = f"{error.title} Nothing was rolled back: this deploy changed no image."
            return SmokeFailed(title, code=error.code, detail=error.detail, hint=rollback_stage.UNCHANGED)
        self.progress.say(f"{error.title} Rolling back.")
        # What was approved was the plan of the release that failed.
        self.wishes = dataclasses.replace(self.wishes, approved="")
        try:
            back = await self.rollback(await rollback_stage.target_of(self.aws, before, release))
        except PipelineError as second:
            title = f"{error.title} It could not be rolled back either: {second.title}"
            detail = f"{error.detail}\n{second.detail}".strip()
            return SmokeFailed(title, code="rollback_failed", detail=detail, hint=second.hint)
        title = f"{error.title} It was rolled back to {back.id}, which does."
        hint = "Mend it and deploy again; `python ci/main.py status` shows what runs."
        return SmokeFailed(title, code="rolled_back", detail=error.detail, hint=hint)

    async def rollback(self, wanted: str = "") -> Recorded:
        """
        Deploy the images of the release WANTED, or of the one before what is deployed, and return it.

        Where it is what is deployed, this is a smoke test.
        """
        async with self.infrastructure.opened() as tf:
            before = plan_stage.deployed(await self.infrastructure.outputs(tf))
            async with self.progress.stage("rollback") as stage:
                chosen = await rollback_stage.choose(self.aws, before, wanted)
                back = chosen.release != before
                stage.result = f"to {chosen.id}, by {chosen.who}" if back else f"{chosen.id} is deployed already"
                stage.status = "done" if back else "unchanged"
            self._released(chosen.release)
            summary = await self.infrastructure.plan(tf, chosen.release, target=plan_stage.APP)
            await self.infrastructure.change(tf, chosen.release, summary, self.wishes, recorded=True)
            outputs = await self.infrastructure.outputs(tf)
        try:
            await self._smoke(chosen.release, outputs)
        except SmokeFailed as error:
            raise await rollback_stage.offer(self.aws, error, before, chosen.release) from None
        if back:
            await self._remember(chosen.release, kind="rollback", of=chosen.of or chosen.id)
        else:
            await self._remember(chosen.release, kind="deploy")
        return chosen

    async def smoke(self) -> None:
        """Ask what is deployed whether it answers rightly; keep it as a release when it does."""
        async with self.infrastructure.opened() as tf:
            outputs = await self.infrastructure.outputs(tf)
        release = plan_stage.deployed(outputs)
        await self._smoke(release, outputs)
        await self._remember(release, kind="deploy")

    async def _smoke(self, release: Release, outputs: dict[str, Any]) -> None:
        await serving.ask(self.serve, release, outputs, progress=self.progress, timeout=self.settings.smoke_timeout)

    async def _remember(self, release: Release, *, kind: Kind, of: str = "") -> None:
        run = await anyio.to_thread.run_sync(self.infrastructure.holder.record)
        await anyio.to_thread.run_sync(lambda: releases.remember(self.aws, run, release, kind=kind, of=of))

    async def destroy(self) -> None:
        """Destroy the environment. The state's bucket and lock table stay, and with them the way back."""
        async with self.infrastructure.opened() as tf:
            before = plan_stage.deployed(await self.infrastructure.outputs(tf))
            summary = await self.infrastructure.plan(tf, before, destroy=True)
            if not summary.empty:
                await self.infrastructure.apply(tf, summary)

    # What only looks.

    async def drift(self) -> None:
        """Report what was changed outside Terraform since the last apply; change nothing."""
        async with self.infrastructure.opened() as tf:
            release = plan_stage.complete(plan_stage.deployed(await self.infrastructure.outputs(tf)))
            summary = await self.infrastructure.drift(tf, release)
        self.report.found = DRIFTED if summary.drifted else OK
