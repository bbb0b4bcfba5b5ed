"""One environment that is deployed to again and again."""

from __future__ import annotations

import contextlib
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ci.aws import ecr
from ci.aws import release_history as releases
from ci.engines.base import Endpoints
from ci.pipeline import Pipeline
from ci.process.interrupts import Interrupts
from ci.registry.client import MANIFEST
from ci.release import Release
from ci.report.model import Report
from ci.report.progress import Progress
from ci.services import SERVICES
from ci.terraform.approval import Wishes
from ci.terraform.run_record import Holder
from tests.unit.ci.living import LivingEngine, LivingTerraform

if TYPE_CHECKING:
    from pathlib import Path

    from ci.aws.client import Aws
    from ci.aws.release_history import Recorded

NOWHERE = "http://127.0.0.1:9"


class Clock:
    """A clock that has gone on by a second whenever it is read: releases of one second have no order."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self, _: object) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


class Place:
    """One environment, deployed to again and again; `bad` are the images that do not answer rightly."""

    def __init__(self, aws: Aws, chat: str, source: Path, state: Path) -> None:
        self.settings, self.aws = aws.settings, aws
        self.chat, self.source = chat, source
        self.tf = LivingTerraform(state)
        self.bad: list[dict[str, str]] = []
        self.served: list[dict[str, str]] = []

    def pipeline(self, wishes: Wishes | None = None) -> Pipeline:
        progress = Progress(Report("deploy", "demo"), quiet=True)
        interrupts = Interrupts(lambda _: None)
        engine = LivingEngine(self.tf)
        return Pipeline(self.settings, engine, self.aws, progress, interrupts, self.serve, wishes=wishes or Wishes())

    def serve(self, release: Release, _: dict[str, Any]) -> Any:
        images = dict(release.references)
        self.served.append(images)
        return contextlib.nullcontext(Endpoints(chat_api=NOWHERE if images in self.bad else self.chat))

    def write(self, version: str) -> None:
        """Have another source."""
        for service in SERVICES:
            (self.source / service.package / "file.py").write_text(f"# {version}\n")

    async def deploy(self, version: str) -> dict[str, str]:
        """Deploy VERSION of the source, and return its images."""
        self.write(version)
        await self.pipeline().deploy()
        return self.tf.deployed()

    def released(self, version: str) -> dict[str, str]:
        """
        Have the release `version` run, as its deploy leaves it, and return its images.

        A deploy asks AWS some sixty times; what a test only needs to find is put there.
        """
        self.write(version)
        images = {}
        for service in SERVICES:
            manifest = json.dumps({"schemaVersion": 2, "image": f"{service.name} {version}"})
            digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
            ecr_client = self.aws.client("ecr")
            with contextlib.suppress(ecr_client.exceptions.ImageAlreadyExistsException):
                ecr_client.put_image(
                    repositoryName=service.repository,
                    imageManifest=manifest,
                    imageManifestMediaType=MANIFEST,
                    imageDigest=digest,
                    imageTag=f"deployed-{version}",
                )
            images[service.image_key] = f"{ecr.registry(self.aws)}/{service.repository}@{digest}"
        self.tf.state.write_text(json.dumps(images))
        releases.remember(self.aws, Holder(self.aws, uuid4().hex).record(), Release(images), kind="deploy")
        return images

    def spoil(self, pipeline: Pipeline) -> None:
        """Let whatever PIPELINE serves first not answer rightly."""
        serve = pipeline.serve

        def spoiled(release: Release, outputs: dict[str, Any]) -> Any:
            pipeline.serve = serve
            self.bad.append(dict(release.references))
            return serve(release, outputs)

        pipeline.serve = spoiled

    def releases(self) -> list[Recorded]:
        return releases.read(self.aws)
