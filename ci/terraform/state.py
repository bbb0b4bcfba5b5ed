"""What the state and its lock say, read from where they lie: no engine, no Terraform, no lock taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci.aws.client import told
from ci.errors import NotReady
from ci.terraform import backend
from ci.terraform.backend import LOCK_TABLE_KEY

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from ci.aws.client import Aws

LOCK_FILE = ".tflock"


@dataclass(frozen=True)
class State:
    """One state: its number, when it was written, by which Terraform, how many resources, and its outputs."""

    serial: int
    written: datetime
    terraform: str
    resources: int
    outputs: dict[str, Any]


@dataclass(frozen=True)
class Lock:
    """Who holds the state's lock, as Terraform wrote it; `created` is UTC, RFC 3339."""

    id: str
    who: str
    operation: str
    created: str


def read(aws: Aws) -> State | None:
    """Return the environment's state, or None before the first apply."""
    place = backend.locate(aws)
    s3: S3Client = aws.client("s3")
    with told("read the state"):
        try:
            reply = s3.get_object(Bucket=place.bucket, Key=place.key)
        except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
            return None
        body = reply["Body"].read()
    try:
        document = json.loads(body)
        return State(
            serial=document["serial"],
            written=reply["LastModified"],
            terraform=document["terraform_version"],
            resources=sum(len(each["instances"]) for each in document["resources"] if each["mode"] == "managed"),
            outputs={name: each["value"] for name, each in document["outputs"].items() if not each.get("sensitive")},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        title = "The state cannot be read: it is no Terraform state of this version."
        hint = f"Earlier versions of {place.key} are in the bucket {place.bucket}."
        raise NotReady(title, code="state_damaged", hint=hint) from None


def lock(aws: Aws) -> Lock | None:
    """Return who holds one of the state's two locks (docs/adr/0008), or None when both are free."""
    place = backend.locate(aws)
    s3: S3Client = aws.client("s3")
    dynamodb: DynamoDBClient = aws.client("dynamodb")
    with told("look at the state's lock"):
        try:
            key = {LOCK_TABLE_KEY: {"S": f"{place.bucket}/{place.key}"}}
            item = dynamodb.get_item(TableName=place.table, Key=key, ConsistentRead=True).get("Item", {})
            if text := item.get("Info", {}).get("S", ""):
                return read_lock(text)
        except dynamodb.exceptions.ResourceNotFoundException:
            pass
        try:
            return read_lock(s3.get_object(Bucket=place.bucket, Key=place.key + LOCK_FILE)["Body"].read())
        except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
            return None


def read_lock(text: str | bytes) -> Lock:
    """Return the lock that Terraform wrote as TEXT; what cannot be read is `unknown`, and a lock all the same."""
    try:
        info = dict(json.loads(text))
    except (ValueError, TypeError):
        info = {}
    return Lock(*(str(info.get(name) or "unknown") for name in ("ID", "Who", "Operation", "Created")))
