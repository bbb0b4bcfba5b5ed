"""The images of both services in one run: built, checked, published, each told as a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from ci import commit as git
from ci.aws import ecr
from ci.release import Image
from ci.services import SERVICES
from ci.stages import build as build_stage
from ci.stages import check as check_stage
from ci.stages import publish as publish_stage
from ci.stages.login import login

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.aws.client import Aws
    from ci.engines.base import Engine
    from ci.report.progress import Progress
    from ci.services import Service
    from ci.settings import Settings
    from ci.stages.build import Candidate


@dataclass
class Images:
    """What Kubernetes runs: images that `engine` makes and the registry of `aws` keeps."""

    settings: Settings
    engine: Engine
    aws: Aws
    progress: Progress

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
        self.progress.report.release.update({each.service.name: each.reference for each in images})
        return images

    async def published(self, services: Sequence[Service]) -> list[Image]:
        """Return the images that the registry has of SERVICES as they are in this checkout."""
        candidates = await build_stage.look_up(self.settings, self.aws, services)
        host = await anyio.to_thread.run_sync(ecr.registry, self.aws)
        return [
            Image(each.service, f"{host}/{each.service.repository}@{each.digest}", reused=True)
            for each in candidates
            if each.digest
        ]

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
