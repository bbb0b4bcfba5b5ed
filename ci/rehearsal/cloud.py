"""The cloud's stand-in: the AWS API, the registry and the Terraform providers, all on this machine."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self

from botocore.config import Config
from pydantic import SecretStr

from ci.aws.client import boto3_session, shareable
from ci.errors import ImageFailed
from ci.rehearsal import snapshot as kept
from ci.rehearsal.aws import aws_api
from ci.rehearsal.isolation import NO_FILES
from ci.rehearsal.providers import ProviderServer
from ci.rehearsal.registry import RegistryServer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ci.rehearsal.providers.faults import Faults
    from ci.settings import Settings

ACCOUNT = "123456789012"
# Moto asks for no credentials; boto3 and Terraform's S3 backend send some anyway.
CREDENTIALS: dict[str, Any] = {"aws_access_key_id": "rehearsal", "aws_secret_access_key": "rehearsal"}
VARIABLES = {"TF_VAR_atlas_org_id": "0123456789abcdef01234567", **NO_FILES}
SECRETS = {"TF_VAR_mongodb_password": SecretStr("rehearsal-password")}
RECORDS = "cloud.json"


class Cloud:
    """
    Stand-ins that run until the block ends and keep what they hold in FOLDER.

    What is kept is what a second deploy needs to find: the state bucket and the
    images. FAULTS makes resources slow to apply, or failing; SAY is told when
    what was kept cannot be used. `settings` tells a run where the stand-ins are.
    """

    def __init__(
        self, folder: Path, region: str, faults: Faults | None = None, say: Callable[[str], object] = str
    ) -> None:
        self.folder = folder
        self.region = region
        self._faults = faults
        self._say = say
        self._stack = contextlib.ExitStack()
        self.endpoint = ""
        self.registry = ""
        self.providers: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.ExitStack() as stack:
            self.endpoint = stack.enter_context(aws_api())
            # One for all: the registry asks for every layer that is pushed, and a client takes a while to make.
            self._ecr = self.client("ecr")
            self._restore()
            stack.callback(self._keep)
            server = stack.enter_context(self._registry(self.folder / "registry-port"))
            self.registry = f"localhost:{server.port}"
            providers = stack.enter_context(ProviderServer(faults=self._faults, watch=self._made))
            self.providers = dict(providers.addresses)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def settings(self, settings: Settings) -> Settings:
        """Return SETTINGS with the stand-ins' addresses in the places where a real deploy has none."""
        return settings.model_copy(
            update={
                "aws_region": None,
                "aws_endpoint_url": self.endpoint,
                "aws_account_id": ACCOUNT,
                "state_bucket": None,
                "registry": self.registry,
                "provider_addresses": self.providers,
                "terraform_variables": {**settings.terraform_variables, **VARIABLES},
                "terraform_secrets": {**settings.terraform_secrets, **SECRETS},
            }
        )

    def client(self, name: str) -> Any:
        """Return a boto3 client of the stand-in API."""
        session = boto3_session(self.region, CREDENTIALS)
        return shareable(session.client(name, endpoint_url=self.endpoint, config=Config(proxies={})))

    def knows(self, repository: str) -> bool:
        """Return whether Terraform has made REPOSITORY; ECR makes none by itself, so a push to it is refused."""
        try:
            self._ecr.describe_repositories(repositoryNames=[repository])
        except self._ecr.exceptions.RepositoryNotFoundException:
            return False
        return True

    def announce(self, repository: str, tag: str, digest: str, media_type: str, manifest: str) -> None:
        """
        Let the ECR API tell of an image that was pushed, with TAG when it has one.

        Raises ImageFailed when there is no REPOSITORY for it.
        """
        if not self.knows(repository):
            title = f"The push to {repository} was refused: there is no such repository."
            raise ImageFailed(title, code="push_refused", hint="`python ci/main.py deploy` makes it.")
        with contextlib.suppress(self._ecr.exceptions.ImageAlreadyExistsException):
            self._ecr.put_image(
                repositoryName=repository,
                imageManifest=manifest,
                imageManifestMediaType=media_type,
                imageDigest=digest,
                **({"imageTag": tag} if tag else {}),
            )

    def _made(self, kind: str, config: Mapping[str, Any]) -> None:
        """Let the ECR API have the repository that Terraform makes with CONFIG; of other resources nobody asks it."""
        if kind == "aws_ecr_repository":
            with contextlib.suppress(self._ecr.exceptions.RepositoryAlreadyExistsException):
                self._ecr.create_repository(repositoryName=config["name"])

    def _registry(self, kept_port: Path) -> RegistryServer:
        """
        Return the registry on the port in the file `kept_port`: it is part of every image reference, so it stays.

        The first time, and where the port is in use, the system chooses another, which is kept.
        """
        with contextlib.suppress(OSError, ValueError, OverflowError):
            return RegistryServer(self.folder / "registry", int(kept_port.read_text()), self.announce, self.knows)
        server = RegistryServer(self.folder / "registry", 0, self.announce, self.knows)
        kept_port.write_text(str(server.port))
        return server

    def _restore(self) -> None:
        found = kept.read(self.folder / RECORDS, self._say)
        if found is not None:
            kept.restore(found, self.client, self.region)
            for image in found.images:
                self.announce(*image)

    def _keep(self) -> None:
        kept.write(self.folder / RECORDS, kept.collect(self.client))
