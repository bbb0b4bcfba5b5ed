"""The way out when the run that held the state's lock is dead: what it left there is put in order."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ci.aws.client import told
from ci.errors import StateLocked
from ci.terraform import backend, state
from ci.terraform.backend import LOCK_TABLE_KEY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from ci.aws.client import Aws

COMMAND = "python ci/main.py unlock"


def unlock(aws: Aws, lock_id: str) -> str:
    """
    Take both of the state's locks away that bear LOCK_ID, mend its checksum, and return what there was to do.

    Terraform's own `force-unlock` would need Terraform, its providers and an
    `init`, which a checksum that is not the state's does not let pass. Raises
    StateLocked when another lock is there, or when LOCK_ID is empty and one is.
    """
    held = state.lock(aws)
    if held is not None and held.id != lock_id:
        title = f"The state is locked by {held.who} since {held.created}."
        raise StateLocked(
            title,
            code="another_lock" if lock_id else "state_locked",
            detail=f"Lock {held.id}, {held.operation}.",
            hint=f"Wait for that run to end. Only if it is certainly dead: {COMMAND} {held.id}",
        )
    done = "the state was not locked"
    with told("unlock the state"):
        if held is not None:
            _free_table(aws, lock_id)
            _free_file(aws, lock_id)
            done = f"the lock of {held.who}, held since {held.created}, is gone"
        if _mend_checksum(aws):
            done = f"{done}; the checksum in the lock table was an older state's, and is this one's now"
    return done


def _free_table(aws: Aws, lock_id: str) -> None:
    place = backend.locate(aws)
    dynamodb: DynamoDBClient = aws.client("dynamodb")
    key = {LOCK_TABLE_KEY: {"S": f"{place.bucket}/{place.key}"}}
    try:
        text = dynamodb.get_item(TableName=place.table, Key=key, ConsistentRead=True).get("Item", {}).get("Info")
        if text and state.read_lock(text.get("S", "")).id == lock_id:
            # Another run may have come since it was looked at.
            dynamodb.delete_item(
                TableName=place.table,
                Key=key,
                ConditionExpression="Info = :info",
                ExpressionAttributeValues={":info": text},
            )
    except (dynamodb.exceptions.ConditionalCheckFailedException, dynamodb.exceptions.ResourceNotFoundException):
        return


def _free_file(aws: Aws, lock_id: str) -> None:
    place = backend.locate(aws)
    s3: S3Client = aws.client("s3")
    key = place.key + state.LOCK_FILE
    try:
        reply = s3.get_object(Bucket=place.bucket, Key=key)
    except s3.exceptions.NoSuchKey:
        return
    if state.read_lock(reply["Body"].read()).id == lock_id:
        s3.delete_object(Bucket=place.bucket, Key=key, IfMatch=reply["ETag"])


def _mend_checksum(aws: Aws) -> bool:
    """Give the state its own checksum in the lock table; return whether it had another."""
    place = backend.locate(aws)
    s3: S3Client = aws.client("s3")
    dynamodb: DynamoDBClient = aws.client("dynamodb")
    key = {LOCK_TABLE_KEY: {"S": f"{place.bucket}/{place.key}-md5"}}
    try:
        digest = dynamodb.get_item(TableName=place.table, Key=key, ConsistentRead=True).get("Item", {}).get("Digest")
        body = s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    except (dynamodb.exceptions.ResourceNotFoundException, s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return False
    # The way Terraform's backend makes it.
    found = hashlib.md5(body, usedforsecurity=False).hexdigest()
    if digest is None or digest.get("S") == found:
        return False
    dynamodb.put_item(
        TableName=place.table,
        Item={**key, "Digest": {"S": found}},
        ConditionExpression="Digest = :before",
        ExpressionAttributeValues={":before": digest},
    )
    return True
