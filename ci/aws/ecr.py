"""What ECR holds: repositories, images, and the password for a push or a pull."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ci.aws.client import told
from ci.errors import ImageFailed

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

    from ci.aws.client import Aws


def registry(aws: Aws) -> str:
    """Return the registry's host, ECR's unless the settings name another."""
    return aws.settings.registry or f"{aws.account()}.dkr.ecr.{aws.region}.amazonaws.com"


def has_repository(aws: Aws, repository: str) -> bool:
    """Return whether ECR has REPOSITORY."""
    ecr: ECRClient = aws.client("ecr")
    with told(f"look for the repository {repository}"):
        try:
            ecr.describe_repositories(repositoryNames=[repository])
        except ecr.exceptions.RepositoryNotFoundException:
            return False
    return True


def find_image(aws: Aws, repository: str, tag: str) -> str | None:
    """Return the digest of the image TAG names in REPOSITORY, or None when either is missing."""
    ecr: ECRClient = aws.client("ecr")
    with told(f"look into the repository {repository}"):
        try:
            found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
        except (ecr.exceptions.RepositoryNotFoundException, ecr.exceptions.ImageNotFoundException):
            return None
    return found["imageDetails"][0]["imageDigest"]


def password(aws: Aws) -> str:
    """Return ECR's password for the user AWS; good for 12 hours, so fetch it right before a push."""
    ecr: ECRClient = aws.client("ecr")
    with told("give a token for ECR"):
        token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return base64.b64decode(token).decode().partition(":")[2]


def tag_image(aws: Aws, repository: str, digest: str, tag: str) -> None:
    """
    Give the image DIGEST a further TAG.

    A tag that the image has already is left; one that another image has is
    too, since tags are immutable: raises ImageFailed with the code `tag_taken`.
    """
    ecr: ECRClient = aws.client("ecr")
    held = find_image(aws, repository, tag)
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
            imageManifestMediaType=image.get("imageManifestMediaType", "application/vnd.oci.image.manifest.v1+json"),
            imageTag=tag,
        )


def has_image(aws: Aws, repository: str, digest: str) -> bool:
    """Return whether REPOSITORY has the image DIGEST, `sha256:…`."""
    ecr: ECRClient = aws.client("ecr")
    with told(f"look into the repository {repository}"):
        try:
            found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
        except (ecr.exceptions.RepositoryNotFoundException, ecr.exceptions.ImageNotFoundException):
            return False
    return bool(found["imageDetails"])


def tags(aws: Aws, repository: str, digest: str) -> list[str]:
    """Return the tags of the image DIGEST, `sha256:…`, in REPOSITORY; none when either is missing."""
    ecr: ECRClient = aws.client("ecr")
    with told(f"look into the repository {repository}"):
        try:
            found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
        except (ecr.exceptions.RepositoryNotFoundException, ecr.exceptions.ImageNotFoundException):
            return []
    return [tag for each in found["imageDetails"] for tag in each.get("imageTags", ())]
