"""What runs keep beside the state: who is applying, and what was released."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ci.aws.client import told
from ci.errors import NotReady
from ci.terraform import backend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from ci.aws.client import Aws

# The code of a record that cannot be read, or lacks what it must say.
DAMAGED = "record_damaged"


def put(aws: Aws, name: str, record: Mapping[str, Any]) -> None:
    """Keep RECORD as JSON beside the state, under NAME."""
    bucket = backend.locate(aws).bucket
    s3: S3Client = aws.client("s3")
    body = json.dumps(record, sort_keys=True, indent=2).encode()
    with told(f"keep {name} beside the state"):
        s3.put_object(
            Bucket=bucket,
            Key=f"{aws.settings.environment}/{name}",
            Body=body,
            ContentType="application/json",
        )


def get(aws: Aws, name: str) -> dict[str, Any] | None:
    """Return the record kept under NAME beside the state, or None when there is none."""
    bucket = backend.locate(aws).bucket
    s3: S3Client = aws.client("s3")
    with told(f"read {name} beside the state"):
        try:
            reply = s3.get_object(Bucket=bucket, Key=f"{aws.settings.environment}/{name}")
        except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
            return None
        body = reply["Body"].read()
    try:
        return dict(json.loads(body))
    except (ValueError, TypeError):
        title = f"{name} beside the state cannot be read."
        raise NotReady(title, code=DAMAGED, hint=f"Remove it from the bucket {bucket}.") from None


def names(aws: Aws, folder: str) -> list[str]:
    """Return the names of the records in FOLDER, which ends with a slash, in alphabetical order."""
    bucket = backend.locate(aws).bucket
    root = f"{aws.settings.environment}/"
    s3: S3Client = aws.client("s3")
    with told(f"list {folder} beside the state"):
        try:
            pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{root}{folder}"))
        except s3.exceptions.NoSuchBucket:
            return []
    return [each["Key"].removeprefix(root) for page in pages for each in page.get("Contents", ())]
