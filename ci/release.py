"""What a run makes and hands on: images, then a release of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci.services import Service


@dataclass(frozen=True)
class Image:
    """
    One service's image in the registry.

    `reference` is `repository@sha256:…`; `reused` says that it was found by its
    inputs and neither built nor pushed in this run.
    """

    service: Service
    reference: str
    reused: bool

    @property
    def digest(self) -> str:
        return self.reference.partition("@")[2]


def tag(digest: str) -> str:
    """Return the one tag by which modules/ecr knows the image DIGEST, `sha256:…`, as deployed and keeps it."""
    return f"release-{digest.removeprefix('sha256:')[:24]}"


@dataclass(frozen=True)
class Release:
    """The image references of all services, which always travel together."""

    references: Mapping[str, str]

    def variables(self) -> dict[str, str]:
        """Return Terraform's image variables."""
        return {f"{key}_image": reference for key, reference in self.references.items()}

    def with_images(self, images: Iterable[Image]) -> Release:
        """Return this release with IMAGES in the place of what it had for their services."""
        return Release({**self.references, **{image.service.image_key: image.reference for image in images}})
