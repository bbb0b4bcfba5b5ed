"""Where the Terraform state of an environment lives, and how that place is made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci.aws.client import told

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from ci.aws.client import Aws

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


def locate(aws: Aws) -> Backend:
    """Return where this environment's state lives, made or not."""
    bucket = aws.settings.state_bucket or f"carepath-tfstate-{aws.account()}-{aws.region}"
    key = f"{aws.settings.environment}/terraform.tfstate"
    path_style = aws.settings.aws_endpoint_url is not None
    return Backend(bucket, key, aws.settings.lock_table, aws.region, path_style)


def make(aws: Aws) -> list[str]:
    """
    Make the state bucket and the lock table where they are missing; return what was made.

    The bucket is versioned, encrypted, closed to the public and to plain
    HTTP; every run sets that again, so a bucket made by hand gets it too.
    """
    place = locate(aws)
    made = []
    with told(f"make the state bucket {place.bucket}"):
        if _make_bucket(aws, place.bucket):
            made.append(f"bucket {place.bucket}")
        _protect_bucket(aws, place.bucket)
    with told(f"make the lock table {place.table}"):
        if _make_table(aws, place.table):
            made.append(f"table {place.table}")
    return made


def _make_bucket(aws: Aws, bucket: str) -> bool:
    s3: S3Client = aws.client("s3")
    try:
        # Not a HEAD, whose answer has no body and so no word of what is wrong with credentials or clock.
        s3.list_objects_v2(Bucket=bucket, MaxKeys=1, ExpectedBucketOwner=aws.account())
    except s3.exceptions.NoSuchBucket:
        pass
    else:
        return False
    # us-east-1 is the one region that must not be named as a location.
    if aws.region == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        location: Any = {"LocationConstraint": aws.region}
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    return True


def _protect_bucket(aws: Aws, bucket: str) -> None:
    s3: S3Client = aws.client("s3")
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
    if (aws.settings.aws_endpoint_url or "").startswith("http://"):
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


def _make_table(aws: Aws, table: str) -> bool:
    dynamodb: DynamoDBClient = aws.client("dynamodb")
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
