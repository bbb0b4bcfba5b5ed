"""What the pipeline's unit tests share: nothing of the surrounding machine, a checkout of their own, the AWS API."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING, Any

import pytest

from ci.aws.client import Aws, boto3_session, shareable
from ci.rehearsal.aws import aws_api, reset
from ci.rehearsal.registry import RegistryServer
from ci.services import SERVICES
from ci.settings import Settings
from ci.terraform import backend
from tests.integration.pipeline.world import chat_api
from tests.unit.ci.place import Clock, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REGION = "us-east-1"
CREDENTIALS: dict[str, Any] = {"aws_access_key_id": "planted-id", "aws_secret_access_key": "planted-secret"}
SURROUNDING = ("AWS_", "CAREPATH_", "TF_", "MONGODB_", "DAGGER_", "_EXPERIMENTAL_DAGGER", "GITHUB_", "OTEL_")


@pytest.fixture
def anyio_backend() -> str:
    """Name the only loop the Dagger client runs on."""
    return "asyncio"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide what this machine has: a result must not depend on who runs the tests."""
    for name in list(os.environ):
        if name.startswith(SURROUNDING) or name in {"NO_COLOR", "FORCE_COLOR", "TRACEPARENT", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Point the settings at an empty checkout whose environment lives in us-east-1."""
    root = tmp_path / "checkout"
    declare_region(root, f'aws_region = "{REGION}"\n')
    monkeypatch.setattr("ci.settings.ROOT", root)
    return root


def declare_region(root: Path, text: str) -> None:
    """Write TEXT as the demo environment's terraform.tfvars below ROOT."""
    tfvars = root / "infra/terraform/envs/demo/terraform.tfvars"
    tfvars.parent.mkdir(parents=True, exist_ok=True)
    tfvars.write_text(text)


@pytest.fixture
def source_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the stages and the host engine at a checkout that has all inputs of both services, and nothing else."""
    root = tmp_path / "source"
    for path in {path for service in SERVICES for path in service.check_inputs}:
        target = root / path
        if target.suffix or target.name.startswith("."):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"# {path}\n")
        else:
            target.mkdir(parents=True, exist_ok=True)
            (target / "file.py").write_text(f"# {path}\n")
    for module in ("ci.stages.build", "ci.engines.host.engine"):
        monkeypatch.setattr(f"{module}.ROOT", root)
    return root


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that makes an executable NAME with the shell commands BODY, in a folder of its own."""

    def make(name: str, body: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """Run the AWS API's stand-in once; starting it takes longer than most tests."""
    with aws_api() as address:
        yield address


@pytest.fixture
def endpoint(aws_server: str) -> str:
    """Return the address of an AWS API that holds nothing yet."""
    reset(aws_server)
    return aws_server


@pytest.fixture
def settings(endpoint: str, registry: RegistryServer) -> Settings:
    """Return the settings of a run in the cloud, but for where AWS and its registry are."""
    return Settings(aws_endpoint_url=endpoint, registry_endpoint_url=f"http://127.0.0.1:{registry.port}")


@pytest.fixture
def aws(endpoint: str) -> Aws:
    """Return the calls of a run that is rightly set up."""
    return Aws(Settings(aws_endpoint_url=endpoint), REGION, CREDENTIALS)


@pytest.fixture
def registry(tmp_path: Path, client: Callable[[str], Any]) -> Iterator[RegistryServer]:
    """Run ECR's image endpoint, which the AWS API knows the images of."""
    ecr = client("ecr")

    def tell(repository: str, tag: str, digest: str, media_type: str, manifest: str) -> None:
        with contextlib.suppress(ecr.exceptions.ImageAlreadyExistsException):
            ecr.put_image(
                repositoryName=repository,
                imageManifest=manifest,
                imageManifestMediaType=media_type,
                imageDigest=digest,
                **({"imageTag": tag} if tag else {}),
            )

    with RegistryServer(tmp_path / "registry", 0, tell) as server:
        yield server


@functools.cache
def boto3_client(endpoint: str, name: str, region: str) -> Any:
    return shareable(boto3_session(region, CREDENTIALS).client(name, endpoint_url=endpoint))


@pytest.fixture
def client(endpoint: str) -> Callable[[str], Any]:
    """Return a function that gives a boto3 client, to see what the AWS API holds."""

    def make(name: str, region: str = REGION) -> Any:
        return boto3_client(endpoint, name, region)

    return make


@pytest.fixture
def place(
    settings: Settings, source_tree: Path, client: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """Yield an environment that nothing was deployed to yet."""
    monkeypatch.setattr("ci.stages.smoke.PAUSE", 0.01)
    monkeypatch.setattr("ci.terraform.run_record.datetime", Clock())
    with chat_api() as chat:
        quickly = settings.model_copy(update={"smoke_timeout": 0.1})
        found = Place(Aws(quickly, REGION, CREDENTIALS), chat, source_tree, tmp_path / "state.json")
        client("s3").create_bucket(Bucket=backend.locate(found.aws).bucket)
        for service in SERVICES:
            client("ecr").create_repository(repositoryName=service.repository)
        yield found
