"""AWS by boto3: who we are, where the state lives, what ECR holds. All calls block; run them in a thread."""

from __future__ import annotations

import base64
import contextlib
import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound

from ci.errors import ImageFailed, NotReady

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

    from ci.settings import Settings

CREDENTIALS_HINT = (
    "Log in (`aws sso login`), set AWS_PROFILE, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. "
    "With no account at all, `python ci/main.py rehearse` runs the same deploy on stand-ins."
)
LOCK_TABLE_KEY = "LockID"


@dataclass(frozen=True)
class Backend:
    """Where the Terraform state of an environment lives."""

    bucket: str
    key: str
    table: str
    region: str
    # A stand-in answers to one name, not to <bucket>.<name>.
    path_style: bool = False

    def arguments(self) -> dict[str, str]:
        """Return what `terraform init` is told as -backend-config."""
        told = {"bucket": self.bucket, "key": self.key, "dynamodb_table": self.table, "region": self.region}
        return {**told, "use_path_style": "true"} if self.path_style else told


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Turn boto3's errors inside the block into a NotReady that says what could not be done: WHAT."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError):
        title = "There are no AWS credentials."
        raise NotReady(title, code="aws_credentials_missing", hint=CREDENTIALS_HINT) from None
    except ProfileNotFound as error:
        raise NotReady(str(error), code="aws_credentials_missing", hint=CREDENTIALS_HINT) from None
    except ClientError as error:
        code = error.response["Error"]["Code"]
        expired = code in {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
        title = "The AWS credentials have expired." if expired else f"AWS refused to {what}: {code}."
        hint = CREDENTIALS_HINT if expired else "Check that the role of this run may do it (docs/operations.md)."
        raise NotReady(title, code="aws_credentials_expired" if expired else "aws_refused", hint=hint) from None
    except BotoCoreError as error:
        title = f"AWS could not be asked to {what}: {type(error).__name__}."
        raise NotReady(title, code="aws_unreachable", hint="Check the network, the region and AWS_PROFILE.") from None


def near(address: str) -> bool:
    """Tell whether ADDRESS, a URL, is on this machine's loopback, which no proxy reaches."""
    host = ""
    with contextlib.suppress(ValueError):
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    return False


class Aws:
    """The AWS calls of one run, in one REGION, with the credentials boto3 finds."""

    def __init__(self, settings: Settings, region: str, credentials: Mapping[str, Any] | None = None) -> None:
        self._settings = settings
        self.region = region
        with told("read the credentials"):
            self._session: Any = boto3.Session(region_name=region, **(credentials or {}))
        self._account: str | None = None

    def _client(self, name: str) -> Any:
        address = self._settings.aws_endpoint_url
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 4},
            s3={"addressing_style": "path"} if address else None,
            proxies={} if address and near(address) else None,
        )
        try:
            with told("read the credentials"):
                return self._session.client(name, endpoint_url=address, config=config)
        except ValueError as error:
            title = f"boto3 cannot use one of its settings: {error}."
            hint = "Correct or unset AWS_ENDPOINT_URL, or whichever AWS_ variable is meant."
            raise NotReady(title, code="settings_invalid", hint=hint) from None

    @property
    def _s3(self) -> S3Client:
        return self._client("s3")  # type: ignore[no-any-return]

    @property
    def _ecr(self) -> ECRClient:
        return self._client("ecr")  # type: ignore[no-any-return]

    def account(self) -> str:
        """
        Return the 12-digit account the credentials belong to.

        Raises NotReady when there are none, when they have expired, or when the
        account is not the one that CAREPATH_AWS_ACCOUNT_ID allows.
        """
        if self._account is None:
            sts: STSClient = self._client("sts")
            with told("name the caller"):
                account = sts.get_caller_identity()["Account"]
            if self._settings.aws_account_id not in (None, account):
                title = f"These credentials are for account {account}, not for {self._settings.aws_account_id}."
                raise NotReady(title, code="wrong_account", hint="Choose another AWS_PROFILE or role.")
            self._account = account
        return self._account

    def credentials(self) -> dict[str, str]:
        """Return the credentials as the variables Terraform reads; raise NotReady when there are none."""
        with told("read the credentials"):
            found = self._session.get_credentials()
            if found is None:
                raise NoCredentialsError
            frozen = found.get_frozen_credentials()
        variables = {"AWS_ACCESS_KEY_ID": frozen.access_key, "AWS_SECRET_ACCESS_KEY": frozen.secret_key}
        if frozen.token:
            variables["AWS_SESSION_TOKEN"] = frozen.token
        return {name: value for name, value in variables.items() if value}

    def backend(self) -> Backend:
        """Return where this environment's state lives, made or not."""
        bucket = self._settings.state_bucket or f"carepath-tfstate-{self.account()}-{self.region}"
        key = f"{self._settings.environment}/terraform.tfstate"
        path_style = self._settings.aws_endpoint_url is not None
        return Backend(bucket, key, self._settings.lock_table, self.region, path_style)

    def registry(self) -> str:
        """Return the registry's host, ECR's unless the settings name another."""
        return self._settings.registry or f"{self.account()}.dkr.ecr.{self.region}.amazonaws.com"

    def bootstrap(self) -> list[str]:
        """
        Make the state bucket and the lock table where they are missing; return what was made.

        The bucket is versioned, encrypted, closed to the public and to plain
        HTTP; every run sets that again, so a bucket made by hand gets it too.
        """
        backend = self.backend()
        made = []
        with told(f"make the state bucket {backend.bucket}"):
            if self._make_bucket(backend.bucket):
                made.append(f"bucket {backend.bucket}")
            self._protect_bucket(backend.bucket)
        with told(f"make the lock table {backend.table}"):
            if self._make_table(backend.table):
                made.append(f"table {backend.table}")
        return made

    def _make_bucket(self, bucket: str) -> bool:
        s3 = self._s3
        try:
            s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=self.account())
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
                raise
        else:
            return False
        # us-east-1 is the one region that must not be named as a location.
        if self.region == "us-east-1":
            s3.create_bucket(Bucket=bucket)
        else:
            location: Any = {"LocationConstraint": self.region}
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
        return True

    def _protect_bucket(self, bucket: str) -> None:
        s3 = self._s3
        s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]
            },
        )
        s3.put_bucket_lifecycle_configuration(
            Bucket=bucket,
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "old-states",
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                    }
                ]
            },
        )
        if (self._settings.aws_endpoint_url or "").startswith("http://"):
            # A stand-in on the loopback speaks plain HTTP, and this policy would lock everybody out of it.
            return
        resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        only_tls = {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": resources,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [only_tls]}))

    def _make_table(self, table: str) -> bool:
        dynamodb: DynamoDBClient = self._client("dynamodb")
        try:
            dynamodb.describe_table(TableName=table)
        except dynamodb.exceptions.ResourceNotFoundException:
            dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": LOCK_TABLE_KEY, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": LOCK_TABLE_KEY, "KeyType": "HASH"}],
            )
            dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 2, "MaxAttempts": 30})
            dynamodb.update_continuous_backups(
                TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
            return True
        return False

    def has_repository(self, repository: str) -> bool:
        """Return whether ECR has REPOSITORY."""
        ecr = self._ecr
        with told(f"look for the repository {repository}"):
            try:
                ecr.describe_repositories(repositoryNames=[repository])
            except ecr.exceptions.RepositoryNotFoundException:
                return False
        return True

    def find_image(self, repository: str, tag: str) -> str | None:
        """Return the digest of the image TAG names in REPOSITORY, or None when either is missing."""
        ecr = self._ecr
        with told(f"look into the repository {repository}"):
            try:
                found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
            except (ecr.exceptions.RepositoryNotFoundException, ecr.exceptions.ImageNotFoundException):
                return None
        return found["imageDetails"][0]["imageDigest"]

    def registry_password(self) -> str:
        """Return ECR's password for the user AWS; good for 12 hours, so fetch it right before a push."""
        with told("give a token for ECR"):
            token = self._ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        return base64.b64decode(token).decode().partition(":")[2]

    def tag_image(self, repository: str, digest: str, tag: str) -> None:
        """
        Give the image DIGEST a further TAG.

        A tag that the image has already is left; one that another image has is
        too, since tags are immutable: raises ImageFailed with the code `tag_taken`.
        """
        ecr = self._ecr
        held = self.find_image(repository, tag)
        if held == digest:
            return
        if held is not None:
            title = f"The tag {tag} of {repository} belongs to another image."
            raise ImageFailed(title, code="tag_taken", hint="Tags are immutable here; deploy from another commit.")
        with told(f"tag an image of {repository}"):
            images = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])["images"]
            if not images:
                title = f"{repository} does not have the image {digest}."
                raise ImageFailed(title, code="image_missing", hint="Run it again: it is built and pushed anew.")
            image = images[0]
            ecr.put_image(
                repositoryName=repository,
                imageManifest=image["imageManifest"],
                imageManifestMediaType=image.get(
                    "imageManifestMediaType", "application/vnd.oci.image.manifest.v1+json"
                ),
                imageTag=tag,
            )

    def put_record(self, name: str, record: Mapping[str, Any]) -> None:
        """Keep RECORD as JSON beside the state, under NAME."""
        backend = self.backend()
        body = json.dumps(record, sort_keys=True, indent=2).encode()
        with told(f"keep {name} beside the state"):
            self._s3.put_object(
                Bucket=backend.bucket,
                Key=f"{self._settings.environment}/{name}",
                Body=body,
                ContentType="application/json",
            )

    def get_record(self, name: str) -> dict[str, Any] | None:
        """Return the record kept under NAME beside the state, or None when there is none."""
        backend = self.backend()
        s3 = self._s3
        with told(f"read {name} beside the state"):
            try:
                reply = s3.get_object(Bucket=backend.bucket, Key=f"{self._settings.environment}/{name}")
            except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
                return None
            body = reply["Body"].read()
        try:
            return dict(json.loads(body))
        except ValueError:
            title = f"{name} beside the state cannot be read."
            raise NotReady(title, code="record_damaged", hint=f"Remove it from the bucket {backend.bucket}.") from None
