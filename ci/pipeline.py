"""The order of stages and what each hands to the next. Knows no engine, and not whether anything is real."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio

from ci import commit as git
from ci import ecr, releases, saved_plan, terraform
from ci.engines.base import Endpoints
from ci.errors import DRIFTED, OK, NotReady, PipelineError, SmokeFailed
from ci.infrastructure import Infrastructure
from ci.release import Release
from ci.saved_plan import Origin, SavedPlan
from ci.services import SERVICES
from ci.stages import apply as apply_stage
from ci.stages import build as build_stage
from ci.stages import check as check_stage
from ci.stages import plan as plan_stage
from ci.stages import publish as publish_stage
from ci.stages import rollback as rollback_stage
from ci.stages import smoke as smoke_stage
from ci.stages import verify as verify_stage
from ci.stages.guard import guard
from ci.stages.login import login
from ci.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ci.aws import Aws
    from ci.engines.base import Engine, Terraform
    from ci.interrupt import Interrupts
    from ci.progress import Progress
    from ci.release import Image
    from ci.releases import Kind, Recorded
    from ci.report import Report
    from ci.services import Service
    from ci.settings import Settings
    from ci.stages.build import Candidate
    from ci.summary import PlanSummary

# How a release that Terraform has applied (with these outputs) is reached.
Serve = Callable[[Release, dict[str, Any]], AbstractAsyncContextManager[Endpoints]]


def public(_: Release, outputs: dict[str, Any]) -> AbstractAsyncContextManager[Endpoints]:
    """Return the addresses that OUTPUTS tell: chat-api behind its load balancer, db-api private."""
    address = outputs.get("chat_api_url") or ""
    if not address:
        title = "Terraform knows no address of chat-api."
        raise NotReady(title, code="address_missing", hint="Deploy first: `python ci/main.py deploy`.")
    return contextlib.nullcontext(Endpoints(chat_api=address.rstrip("/")))


@dataclass
class Pipeline:
    """One run: what it may use, and what it reports to."""

    settings: Settings
    engine: Engine
    aws: Aws
    progress: Progress
    interrupts: Interrupts
    serve: Serve = public
    run_id: str = field(default_factory=lambda: uuid4().hex)
    wishes: Wishes = field(default_factory=Wishes)

    def __post_init__(self) -> None:
        self.infrastructure = Infrastructure(
            self.settings, self.engine, self.aws, self.progress, self.interrupts, self.run_id
        )

    @property
    def report(self) -> Report:
        return self.progress.report

    # What needs no cloud.

    async def check(self, services: Sequence[Service]) -> None:
        """Build the images of SERVICES and run their tests in them; of all services, the project's own checks too."""
        candidates = await self.build(services)
        async with self.progress.stage("check") as stage:
            sessions = check_stage.SESSIONS if len(services) == len(SERVICES) else ()
            lines = await check_stage.check(self.engine, candidates, sessions=sessions)
            stage.result = "; ".join(f"{name}: {line}" for name, line in lines.items())

    async def build(self, services: Sequence[Service]) -> list[Candidate]:
        """Build the images of SERVICES on the engine, whatever the registry has."""
        async with self.progress.stage("build") as stage:
            candidates = [build_stage.name(self.settings, service) for service in services]
            await build_stage.build(self.engine, candidates)
            stage.result = self._built(candidates)
        return candidates

    def _built(self, candidates: Sequence[Candidate]) -> str:
        words = []
        for each in candidates:
            if each.digest:
                words.append(f"{each.service.name} unchanged")
            else:
                words.append(
                    f"{each.service.name} {'built' if self.engine.makes_images else 'digested, no image made'}"
                )
        return ", ".join(words)

    # What needs the registry.

    async def publish(self, services: Sequence[Service]) -> list[Image]:
        """Build, check and push what of SERVICES is not in the registry yet; return their images."""
        async with self.progress.stage("build") as stage:
            await publish_stage.require_repositories(self.aws, services)
            candidates = await build_stage.look_up(self.settings, self.aws, services)
            await build_stage.build(self.engine, candidates)
            stage.result = self._built(candidates)
            if all(each.digest for each in candidates):
                stage.status = "unchanged"
        async with self.progress.stage("check") as stage:
            registry = await login(self.aws, self.settings, wanted=check_stage.pulls(candidates))
            lines = await check_stage.check(self.engine, candidates, registry)
            stage.result = (
                "; ".join(f"{name}: {line}" for name, line in lines.items()) or "passed before, on these files"
            )
            if not lines:
                stage.status = "unchanged"
        async with self.progress.stage("publish") as stage:
            commit = await anyio.to_thread.run_sync(git.commit)
            images = await publish_stage.publish(self.engine, self.aws, self.settings, candidates, commit)
            stage.result = ", ".join(f"{each.service.name} {each.digest[:19]}" for each in images)
            if all(each.reused for each in images):
                stage.status = "unchanged"
        self.report.release.update({each.service.name: each.reference for each in images})
        return images

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
            candidates = await build_stage.look_up(self.settings, self.aws, [service] if service else SERVICES)
            host = await anyio.to_thread.run_sync(ecr.registry, self.aws)
            published = {
                each.service.image_key: f"{host}/{each.service.repository}@{each.digest}"
                for each in candidates
                if each.digest
            }
            release = plan_stage.complete(Release({**plan_stage.deployed(outputs).references, **published}))
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
            await self._apply(tf, plan.release, summary)
        saved_plan.remove(plan_file)

    async def _apply(self, tf: Terraform, release: Release, summary: PlanSummary, *, recorded: bool = False) -> None:
        """
        Apply SUMMARY, the plan that lies there for RELEASE, if it is what was approved and destroys no data.

        The images of a RECORDED release were verified before they first ran.
        """
        if self.wishes.approved:
            saved_plan.compare(summary, self.wishes.approved, approved=True)
        await guard(summary, self.wishes.allow_destroy, self.wishes.ask)
        if not summary.empty and not recorded:
            async with self.progress.stage("verify") as stage:
                stage.result = await verify_stage.verify(self.engine, self.aws, self.settings, release)
        # Also where nothing changes: what was applied by hand runs without the tag.
        await apply_stage.keep(self.aws, release)
        if not summary.empty:
            await self.infrastructure.apply(tf)

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
                if self.wishes.approved:
                    saved_plan.compare(repositories, self.wishes.approved, approved=True)
                await guard(repositories, self.wishes.allow_destroy, self.wishes.ask)
                await self.infrastructure.apply(tf)
            images = await self.publish([service] if service else SERVICES)
            release = plan_stage.complete(before.with_images(images))
            summary = await self.infrastructure.plan(tf, release, target=plan_stage.APP if service else None)
            await self._apply(tf, release, summary)
            if not summary.empty:
                outputs = await self.infrastructure.outputs(tf)
            if service:
                await self.infrastructure.rest(tf, release)
        try:
            await self._smoke(release, outputs)
        except SmokeFailed as error:
            if not self.wishes.auto_rollback:
                raise
            raise await self._rolled_back(error) from None
        await self._remember(release, kind="deploy")

    async def _rolled_back(self, error: SmokeFailed) -> SmokeFailed:
        """Go back to the release before the one that ERROR is about, and return what to tell."""
        self.progress.say(f"{error.title} Rolling back.")
        # What was approved was the plan of the release that failed.
        self.wishes = dataclasses.replace(self.wishes, approved="")
        try:
            back = await self.rollback()
        except PipelineError as second:
            title = f"{error.title} It could not be rolled back either: {second.title}"
            detail = f"{error.detail}\n{second.detail}".strip()
            return SmokeFailed(title, code="rollback_failed", detail=detail, hint=second.hint)
        title = f"{error.title} It was rolled back to {back.id}, which does."
        hint = "Mend it and deploy again; `python ci/main.py status` shows what runs."
        return SmokeFailed(title, code="rolled_back", detail=error.detail, hint=hint)

    async def rollback(self, wanted: str = "") -> Recorded:
        """Deploy the images of the release WANTED, or of the one before what is deployed, and return it."""
        async with self.infrastructure.opened() as tf:
            outputs = await self.infrastructure.outputs(tf)
            async with self.progress.stage("rollback") as stage:
                chosen = await rollback_stage.choose(self.aws, plan_stage.deployed(outputs), wanted)
                stage.result = f"to {chosen.id}, by {chosen.who}"
            self._released(chosen.release)
            summary = await self.infrastructure.plan(tf, chosen.release, target=plan_stage.APP)
            await self._apply(tf, chosen.release, summary, recorded=True)
            outputs = await self.infrastructure.outputs(tf)
        await self._smoke(chosen.release, outputs)
        await self._remember(chosen.release, kind="rollback", of=chosen.of or chosen.id)
        return chosen

    async def smoke(self) -> None:
        """Ask what is deployed whether it answers rightly; keep it as a release when it does."""
        async with self.infrastructure.opened() as tf:
            outputs = await self.infrastructure.outputs(tf)
        release = plan_stage.deployed(outputs)
        await self._smoke(release, outputs)
        await self._remember(release, kind="deploy")

    async def _smoke(self, release: Release, outputs: dict[str, Any]) -> None:
        async with self.serve(release, outputs) as endpoints, self.progress.stage("smoke") as stage:
            self.report.addresses["chat-api"] = endpoints.chat_api
            if endpoints.db_api:
                self.report.addresses["db-api"] = endpoints.db_api
            checks = await smoke_stage.smoke(endpoints, timeout=self.settings.smoke_timeout)
            # What failed before a rollback is told by its own error.
            self.report.checks[:] = checks
            stage.result = f"{sum(each.ok for each in checks)} of {len(checks)} answered rightly"
            smoke_stage.judge(
                checks, {each.name: release.references.get(each.image_key, "never deployed") for each in SERVICES}
            )

    async def _remember(self, release: Release, *, kind: Kind, of: str = "") -> None:
        run = await anyio.to_thread.run_sync(self.infrastructure.holder.record)
        await anyio.to_thread.run_sync(lambda: releases.remember(self.aws, run, release, kind=kind, of=of))

    async def destroy(self) -> None:
        """Destroy the environment. The state's bucket and lock table stay, and with them the way back."""
        async with self.infrastructure.opened() as tf:
            before = plan_stage.deployed(await self.infrastructure.outputs(tf))
            summary = await self.infrastructure.plan(tf, before, destroy=True)
            if not summary.empty:
                await self.infrastructure.apply(tf)

    # What only looks.

    async def drift(self) -> None:
        """Report what was changed outside Terraform since the last apply; change nothing."""
        async with self.infrastructure.opened() as tf:
            release = plan_stage.complete(plan_stage.deployed(await self.infrastructure.outputs(tf)))
            summary = await self.infrastructure.drift(tf, release)
        self.report.found = DRIFTED if summary.drifted else OK
