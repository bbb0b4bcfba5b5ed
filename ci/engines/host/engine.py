"""Stages on this machine: no container engine, so no image is made and only a rehearsal is allowed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from ci import fingerprint as source
from ci.engines.host.binary import find_terraform
from ci.engines.host.terraform import HostTerraform
from ci.errors import CheckFailed
from ci.inspection import judge
from ci.process import parent_watch as leash
from ci.settings import ROOT
from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from ci.engines.base import Contents, Registry
    from ci.services import Service
    from ci.settings import Settings

TAIL = 40


class HostEngine:
    """
    Python and Terraform of this machine.

    RECORD stands for a push: it is called with repository, tag, digest, media
    type and content of the manifest that an image would have had.
    """

    name = "host"
    makes_images = False

    def __init__(self, settings: Settings, record: Callable[[str, str, str, str, str], None]) -> None:
        self._settings = settings
        self._record = record

    async def build(self, service: Service) -> None:
        """Make sure that all the image's inputs are there."""
        list(source.files(ROOT, service.inputs))

    async def check(self, service: Service, reference: str | None = None, registry: Registry | None = None) -> str:
        """Run SERVICE's tests in the project's own environment; no REGISTRY has an image REFERENCE to run them in."""
        del reference, registry
        code, lines = await _ran(service.test_command, _bare_environment())
        if code != 0:
            title = f"The tests of {service.name} failed."
            hint = f"Run them alone: python -m pytest {' '.join(service.tests)}"
            raise CheckFailed(title, code="tests_failed", detail="\n".join(lines[-TAIL:]), hint=hint)
        return lines[-1] if lines else "no output"

    async def inspect(self, session: str) -> str:
        """Run the nox SESSION in the project's own environment."""
        environment = {**_bare_environment(), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        return judge(session, *await _ran(["-m", "nox", "--no-venv", "-s", session], environment))

    async def base(self) -> str:
        """Return nothing: no image is pulled."""
        return ""

    async def publish(self, service: Service, tag: str, registry: Registry, labels: Mapping[str, str]) -> str:
        """Record the digest that stands for SERVICE's inputs; nothing is pushed, so nothing is labelled."""
        del registry, labels
        arguments = self._settings.arguments(service)
        inputs = source.digest(ROOT, service.inputs, arguments=arguments, platform=self._settings.platform)
        media_type = "application/vnd.oci.image.manifest.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": media_type, "annotations": {"carepath.inputs": inputs}}
        content = json.dumps(manifest, sort_keys=True)
        digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
        await anyio.to_thread.run_sync(self._record, service.repository, tag, digest, media_type, content)
        return digest

    async def contents(self, service: Service) -> list[Contents]:
        """Return nothing: what the tests ran in is the project's environment, not an image of SERVICE."""
        del service
        return []

    @contextlib.asynccontextmanager
    async def terraform(
        self, *, variables: Mapping[str, str], secrets: Mapping[str, str]
    ) -> AsyncIterator[HostTerraform]:
        """Open a copy of infra/terraform in a folder of its own, which is removed at the end."""
        program = find_terraform()
        with tempfile.TemporaryDirectory(prefix="carepath-terraform-") as folder:
            tree = Path(folder) / "terraform"
            shutil.copytree(
                ROOT / "infra/terraform", tree, symlinks=True, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*")
            )
            environment = {**_bare_environment(), **terraform.ENVIRONMENT, **self._stand_ins(), **variables, **secrets}
            yield HostTerraform(program, tree / self._settings.environment_folder, environment)

    def _stand_ins(self) -> dict[str, str]:
        found = {}
        if self._settings.aws_endpoint_url:
            found["AWS_ENDPOINT_URL"] = self._settings.aws_endpoint_url
        if self._settings.provider_addresses:
            from ci.rehearsal.providers import reattach  # noqa: PLC0415 - only a rehearsal has them

            found["TF_REATTACH_PROVIDERS"] = reattach(self._settings.provider_addresses, os.getpid())
            # Without real providers Terraform's memory stays small, and a quarter of its time is Go's collection of it.
            found["GOGC"] = os.environ.get("GOGC", "400")
        return found


async def _ran(arguments: list[str], environment: Mapping[str, str]) -> tuple[int, list[str]]:
    """
    Run Python with ARGUMENTS over the checkout; return its exit code and the lines of both its streams.

    When this is cancelled, or this process is gone, nothing of it goes on.
    """
    with leash.held() as stdin:
        process = await anyio.open_process(
            leash.python(*arguments),
            cwd=ROOT,
            env=environment,
            stdin=stdin,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            async with process:
                output = b"".join([each async for each in process.stdout]) if process.stdout else b""
            return await process.wait(), output.decode(errors="replace").strip().splitlines()
        finally:
            # What it had started too, such as the tools that nox runs.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _bare_environment() -> dict[str, str]:
    """
    Return this process's environment without what would reach a real cloud or change Terraform's manners.

    PYTHONPATH names the project, since Terraform runs elsewhere.
    """
    unwanted = ("AWS_", "TF_", "MONGODB_", "DAGGER_", "_EXPERIMENTAL_DAGGER", "OTEL_", "TRACEPARENT", "CAREPATH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}
