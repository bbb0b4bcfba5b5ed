"""The order of stages and what each hands to the next. Knows no engine, and not whether anything is real."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio

from ci import commit as git
from ci import ecr, records, terraform
from ci.engines.base import Endpoints
from ci.errors import NotReady, PipelineError
from ci.release import Release
from ci.services import SERVICES
from ci.stages import apply as apply_stage
from ci.stages import bootstrap as bootstrap_stage
from ci.stages import build as build_stage
from ci.stages import check as check_stage
from ci.stages import plan as plan_stage
from ci.stages import publish as publish_stage
from ci.stages import smoke as smoke_stage
from ci.stages.login import login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from ci.aws import Aws
    from ci.engines.base import Engine, Terraform
    from ci.interrupt import Interrupts
    from ci.release import Image
    from ci.report import Progress, Report, Stage
    from ci.services import Service
    from ci.settings import Settings
    from ci.stages.build import Candidate
    from ci.terraform import PlanSummary

HOLDER = "run.json"

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

    @property
    def report(self) -> Report:
        return self.progress.report

    # What needs no cloud.

    async def check(self, services: Sequence[Service]) -> None:
        """Build the images of SERVICES and run their tests in them."""
        candidates = await self.build(services)
        async with self.progress.stage("check") as stage:
            lines = await check_stage.check(self.engine, candidates)
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
        await self._make_backend()
        async with self._terraform_stage("init"), self._terraform() as tf:
            await bootstrap_stage.init(tf, self.aws)

    async def _make_backend(self) -> None:
        async with self.progress.stage("bootstrap") as stage:
            made = await bootstrap_stage.bootstrap(self.aws)
            stage.result = ", ".join(made) or "the state's bucket and lock table are there"
            stage.status = "done" if made else "unchanged"

    @contextlib.asynccontextmanager
    async def _terraform_stage(self, name: str) -> AsyncIterator[Stage]:
        """Time the block as the stage NAME; where Terraform was asked to stop in it, that is what is told."""
        async with self.progress.stage(name) as stage:
            with self.interrupts.told():
                yield stage

    @contextlib.asynccontextmanager
    async def _terraform(self) -> AsyncIterator[Terraform]:
        credentials = await anyio.to_thread.run_sync(self.aws.credentials)
        account = await anyio.to_thread.run_sync(self.aws.account)
        secrets = {name: each.get_secret_value() for name, each in self.settings.terraform_secrets.items()}
        # Terraform's own guard: the provider refuses any other account than the one that was looked at here.
        variables = {"TF_VAR_aws_account_id": account, **self.settings.terraform_variables}
        async with self.engine.terraform(variables=variables, secrets={**credentials, **secrets}) as tf:
            with self.interrupts.protect(tf.stop):
                yield tf

    @contextlib.asynccontextmanager
    async def _ready_terraform(self) -> AsyncIterator[Terraform]:
        async with self._terraform() as tf:
            async with self._terraform_stage("init"):
                await bootstrap_stage.init(tf, self.aws)
            yield tf

    async def plan(self, *, service: Service | None = None, out: Path | None = None) -> PlanSummary:
        """Plan what the published images of this checkout, or else the deployed ones, would change; save it as OUT."""
        async with self._ready_terraform() as tf:
            outputs = await plan_stage.read_outputs(tf)
            candidates = await build_stage.look_up(self.settings, self.aws, [service] if service else SERVICES)
            host = await anyio.to_thread.run_sync(ecr.registry, self.aws)
            published = {
                each.service.image_key: f"{host}/{each.service.repository}@{each.digest}"
                for each in candidates
                if each.digest
            }
            release = plan_stage.complete(Release({**plan_stage.deployed(outputs).references, **published}))
            summary = await self._plan(tf, release, target=plan_stage.APP if service else None)
            if out is not None:
                await self._save(tf, release, out)
        return summary

    async def _plan(
        self, tf: Terraform, release: Release, *, target: str | None = None, destroy: bool = False
    ) -> PlanSummary:
        async with self._terraform_stage("plan") as stage:
            summary = await plan_stage.plan(
                tf,
                release,
                lock_timeout=self.settings.lock_timeout,
                held_by=self._holder,
                target=target,
                destroy=destroy,
            )
            counts = {action: number for action, number in summary.counts().items() if number}
            stage.result = ", ".join(f"{number} to {action}" for action, number in counts.items()) or "no changes"
            stage.status = "unchanged" if summary.empty else "done"
        earlier = self.report.plan
        self.report.plan = earlier.then(summary) if earlier else summary
        return summary

    async def _save(self, tf: Terraform, release: Release, out: Path) -> None:
        content = await tf.read(terraform.PLAN_FILE)
        out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, body in (
            (out, content or b""),
            (_beside(out), json.dumps({"release": dict(release.references)}, indent=2).encode()),
        ):
            path.touch(mode=0o600)
            path.write_bytes(body)

    async def apply(self, plan_file: Path) -> None:
        """Apply the plan saved in PLAN_FILE, and nothing but it."""
        if not plan_file.is_file() or not _beside(plan_file).is_file():
            title = f"There is no saved plan {plan_file}."
            raise NotReady(title, code="plan_missing", hint="Run `python ci/main.py plan` first.")
        release = Release(json.loads(_beside(plan_file).read_text())["release"])
        async with self._ready_terraform() as tf:
            await apply_stage.keep(self.aws, release)
            await plan_stage.write_images(tf, release)
            await tf.write(terraform.PLAN_FILE, plan_file.read_bytes())
            await self._apply(tf)
        plan_file.unlink()
        _beside(plan_file).unlink()

    async def _apply(self, tf: Terraform) -> None:
        async with self._terraform_stage("apply") as stage, self._holding():
            stage.result = await apply_stage.apply(
                tf, lock_timeout=self.settings.lock_timeout, held_by=self._holder, rescue=self.settings.work_folder
            )

    def _holder(self) -> str:
        """Return who the record beside the state names, when that is another run that has not ended."""
        record = records.get(self.aws, HOLDER)
        if record is None or record["run"] == self.run_id or record.get("ended"):
            return ""
        commit = f" at {record['commit']}" if record["commit"] else ""
        return f"{record['who']}{commit}"

    @contextlib.asynccontextmanager
    async def _holding(self) -> AsyncIterator[None]:
        """Keep beside the state who is applying: Terraform's own lock names a container."""
        record = await anyio.to_thread.run_sync(self._record)
        # Another run that has not ended may hold the lock, and then the name there is the right one.
        if not await anyio.to_thread.run_sync(self._holder):
            await anyio.to_thread.run_sync(records.put, self.aws, HOLDER, record)
        applied = False
        try:
            yield
            applied = True
        finally:
            with anyio.CancelScope(shield=True), contextlib.suppress(PipelineError):
                # Who has applied had the lock, so another that is named there died; who failed may never have had it.
                if applied or not await anyio.to_thread.run_sync(self._holder):
                    await anyio.to_thread.run_sync(records.put, self.aws, HOLDER, {**record, "ended": True})

    def _record(self) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"run": self.run_id, "who": git.who(), "commit": git.commit(), "started": now}

    # All of it.

    async def deploy(self, service: Service | None = None) -> None:
        """
        Bring this checkout to the environment: both services and everything below them, or SERVICE alone.

        The images come first, except that their repositories must exist: the
        very first deploy applies `module.ecr` before anything is pushed.
        """
        await self._make_backend()
        async with self._ready_terraform() as tf:
            outputs = await plan_stage.read_outputs(tf)
            before = plan_stage.deployed(outputs)
            if service:
                # Told before anything is made: the app module needs both images.
                plan_stage.complete(before, but=service)
            if "db_api_repo_url" not in outputs or await publish_stage.missing(self.aws, SERVICES):
                await self._plan(tf, before, target=plan_stage.ECR)
                await self._apply(tf)
            images = await self.publish([service] if service else SERVICES)
            release = plan_stage.complete(before.with_images(images))
            summary = await self._plan(tf, release, target=plan_stage.APP if service else None)
            if not summary.empty:
                await apply_stage.keep(self.aws, release)
                await self._apply(tf)
                outputs = await plan_stage.read_outputs(tf)
            if service:
                await self._tell_rest(tf, release)
        await self._smoke(release, outputs)
        await self._remember(release)

    async def _tell_rest(self, tf: Terraform, release: Release) -> None:
        """Say what a deploy of everything would still change: -target hides it."""
        async with self._terraform_stage("rest") as stage:
            rest = await plan_stage.plan(tf, release, lock_timeout=self.settings.lock_timeout, held_by=self._holder)
            pending = f"{len(rest.changes)} more changes pending: run `python ci/main.py deploy`"
            stage.result = pending if rest.changes else "nothing else is pending"
            stage.status = "done" if rest.changes else "unchanged"

    async def smoke(self) -> None:
        """Ask what is deployed whether it answers rightly."""
        async with self._ready_terraform() as tf:
            outputs = await plan_stage.read_outputs(tf)
        await self._smoke(plan_stage.deployed(outputs), outputs)

    async def _smoke(self, release: Release, outputs: dict[str, Any]) -> None:
        async with self.serve(release, outputs) as endpoints, self.progress.stage("smoke") as stage:
            self.report.addresses["chat-api"] = endpoints.chat_api
            if endpoints.db_api:
                self.report.addresses["db-api"] = endpoints.db_api
            checks = await smoke_stage.smoke(endpoints, timeout=self.settings.smoke_timeout)
            self.report.checks.extend(checks)
            stage.result = f"{sum(each.ok for each in checks)} of {len(checks)} answered rightly"
            smoke_stage.judge(
                checks, {each.name: release.references.get(each.image_key, "never deployed") for each in SERVICES}
            )

    async def _remember(self, release: Release) -> None:
        record = await anyio.to_thread.run_sync(self._record)
        record["release"] = dict(release.references)
        name = f"releases/{record['started'].replace(':', '')}-{self.run_id[:8]}.json"
        await anyio.to_thread.run_sync(records.put, self.aws, name, record)

    async def destroy(self) -> None:
        """Destroy the environment. The state's bucket and lock table stay, and with them the way back."""
        async with self._ready_terraform() as tf:
            before = plan_stage.deployed(await plan_stage.read_outputs(tf))
            summary = await self._plan(tf, before, destroy=True)
            if not summary.empty:
                await self._apply(tf)


def _beside(plan_file: Path) -> Path:
    return plan_file.with_name(f"{plan_file.name}.release.json")
