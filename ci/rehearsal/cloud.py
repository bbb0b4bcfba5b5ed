"""The cloud's stand-in: the AWS API, the registry and the Terraform providers, all on this machine."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any, Self

import boto3
from pydantic import SecretStr

from ci.aws import LOCK_TABLE_KEY
from ci.rehearsal.aws import aws_api
from ci.rehearsal.processes import free_port
from ci.rehearsal.providers import ProviderServer
from ci.rehearsal.registry import RegistryServer

if TYPE_CHECKING:
    from pathlib import Path

    from ci.rehearsal.providers.faults import Faults
    from ci.settings import Settings

ACCOUNT = "123456789012"
# Moto asks for no credentials; boto3 and Terraform's S3 backend send some anyway.
CREDENTIALS: dict[str, Any] = {"aws_access_key_id": "rehearsal", "aws_secret_access_key": "rehearsal"}
VARIABLES = {"TF_VAR_atlas_org_id": "0123456789abcdef01234567"}
SECRETS = {"TF_VAR_mongodb_password": SecretStr("rehearsal-password")}


class Cloud:
    """
    Stand-ins that run until the block ends and keep what they hold in FOLDER.

    What is kept is what a second deploy needs to find: the state bucket and the
    images. FAULTS makes resources slow to apply, or failing. `settings` tells a
    run where the stand-ins are.
    """

    def __init__(self, folder: Path, region: str, faults: Faults | None = None) -> None:
        self.folder = folder
        self.region = region
        self._faults = faults
        self._stack = contextlib.ExitStack()
        self.endpoint = ""
        self.registry = ""
        self.providers: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.ExitStack() as stack:
            self.endpoint = stack.enter_context(aws_api())
            self._restore()
            stack.callback(self._keep)
            port = _settled_port(self.folder / "registry-port")
            server = stack.enter_context(RegistryServer(self.folder / "registry", port, self.announce))
            self.registry = f"localhost:{server.port}"
            self.providers = dict(stack.enter_context(ProviderServer(faults=self._faults)).addresses)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def settings(self, settings: Settings) -> Settings:
        """Return SETTINGS with the stand-ins' addresses in the places where a real deploy has none."""
        return settings.model_copy(
            update={
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
        session: Any = boto3.Session(region_name=self.region, **CREDENTIALS)
        return session.client(name, endpoint_url=self.endpoint)

    def announce(self, repository: str, tag: str, digest: str, media_type: str, manifest: str) -> None:
        ecr = self.client("ecr")
        with contextlib.suppress(ecr.exceptions.RepositoryAlreadyExistsException):
            ecr.create_repository(repositoryName=repository)
        with contextlib.suppress(ecr.exceptions.ImageAlreadyExistsException):
            ecr.put_image(
                repositoryName=repository,
                imageManifest=manifest,
                imageManifestMediaType=media_type,
                imageTag=tag,
                imageDigest=digest,
            )

    def _keep(self) -> None:
        s3, ecr = self.client("s3"), self.client("ecr")
        objects: dict[str, dict[str, str]] = {}
        for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
            keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
            objects[bucket] = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys}
        images = []
        for repository in (each["repositoryName"] for each in ecr.describe_repositories()["repositories"]):
            for detail in ecr.describe_images(repositoryName=repository)["imageDetails"]:
                ids = [{"imageDigest": detail["imageDigest"]}]
                image = ecr.batch_get_image(repositoryName=repository, imageIds=ids)["images"][0]
                media_type = detail.get("imageManifestMediaType", "")
                images += [
                    [repository, tag, detail["imageDigest"], media_type, image["imageManifest"]]
                    for tag in detail.get("imageTags", ())
                ]
        tables = self.client("dynamodb").list_tables()["TableNames"]
        content = json.dumps({"objects": objects, "images": images, "tables": tables})
        path = self.folder / "cloud.json"
        whole = path.with_suffix(".new")
        whole.touch(mode=0o600)
        whole.write_text(content)
        # At once, so that a rehearsal killed here leaves the old records or the new ones.
        whole.replace(path)

    def _restore(self) -> None:
        try:
            kept = json.loads((self.folder / "cloud.json").read_text())
        except (FileNotFoundError, ValueError):
            return
        s3 = self.client("s3")
        for bucket, objects in kept["objects"].items():
            # us-east-1 is the one region that must not be named as a location.
            place = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
            s3.create_bucket(Bucket=bucket, **({} if self.region == "us-east-1" else place))
            for key, body in objects.items():
                # A lock that a killed rehearsal left behind locks nobody out of the next one.
                if not key.endswith(".tflock"):
                    s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
        for table in kept.get("tables", ()):
            # Its rows are the locks, and none of them outlives its run.
            self.client("dynamodb").create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": LOCK_TABLE_KEY, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": LOCK_TABLE_KEY, "KeyType": "HASH"}],
            )
        for image in kept["images"]:
            self.announce(*image)


def _settled_port(path: Path) -> int:
    """
    Return the port kept in PATH: it is part of every image reference, so it stays what it was.

    A free one is chosen, and kept, the first time and where somebody else took it.
    """
    with contextlib.suppress(OSError, ValueError, OverflowError), socket.socket() as probe:
        port = int(path.read_text())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return port
    port = free_port()
    path.write_text(str(port))
    return port
