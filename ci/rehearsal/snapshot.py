"""What the stand-ins hold, as a second rehearsal finds it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ci.terraform.backend import LOCK_TABLE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    # Takes a service's name and returns a boto3 client of it.
    Client = Callable[[str], Any]


class Kept(BaseModel):
    """The state bucket, the lock table, the repositories and their images; an image has one row for each tag."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[3]
    objects: dict[str, dict[str, str]]
    tables: list[str]
    repositories: list[str]
    images: list[tuple[str, str, str, str, str]]


def read(path: Path, say: Callable[[str], object]) -> Kept | None:
    """Return what PATH holds, or None when there is none; what cannot be read is told by SAY and taken for none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return Kept.model_validate_json(content)
    except ValidationError:
        say(f"{path.name} of earlier rehearsals is damaged or of another version, so this one begins anew.")
        return None


def write(path: Path, kept: Kept) -> None:
    """Put KEPT into PATH, for its owner only and at once: who is killed here leaves the old records or the new ones."""
    whole = path.with_suffix(".new")
    whole.touch(mode=0o600)
    whole.write_text(kept.model_dump_json())
    whole.replace(path)


def collect(client: Client) -> Kept:
    """Return what the stand-in API holds, all pages of it."""
    s3, ecr = client("s3"), client("ecr")
    objects: dict[str, dict[str, str]] = {}
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        keys = [each["Key"] for each in _pages(s3, "list_objects_v2", "Contents", Bucket=bucket)]
        objects[bucket] = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys}
    repositories = [each["repositoryName"] for each in _pages(ecr, "describe_repositories", "repositories")]
    images = []
    for repository in repositories:
        for detail in _pages(ecr, "describe_images", "imageDetails", repositoryName=repository):
            digest = detail["imageDigest"]
            image = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])["images"][0]
            media_type = detail.get("imageManifestMediaType", "")
            images += [
                (repository, tag, digest, media_type, image["imageManifest"]) for tag in detail.get("imageTags", ())
            ]
    tables = list(_pages(client("dynamodb"), "list_tables", "TableNames"))
    return Kept(version=3, objects=objects, tables=tables, repositories=repositories, images=images)


def _pages(client: Any, call: str, field: str, **arguments: str) -> list[Any]:
    return [each for page in client.get_paginator(call).paginate(**arguments) for each in page.get(field, ())]


def restore(kept: Kept, client: Client, region: str) -> None:
    """Give the stand-in API of REGION the buckets, tables and repositories of KEPT; the images are left to do."""
    s3, ecr, dynamodb = client("s3"), client("ecr"), client("dynamodb")
    for bucket, objects in kept.objects.items():
        # us-east-1 is the one region that must not be named as a location.
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else place))
        for key, body in objects.items():
            # A lock that a killed rehearsal left behind locks nobody out of the next one.
            if not key.endswith(".tflock"):
                s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
    for table in kept.tables:
        # Its rows are the locks, and none of them outlives its run.
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": LOCK_TABLE_KEY, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": LOCK_TABLE_KEY, "KeyType": "HASH"}],
        )
    for repository in kept.repositories:
        ecr.create_repository(repositoryName=repository)
