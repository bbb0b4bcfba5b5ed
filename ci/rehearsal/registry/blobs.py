"""What the registry holds, in files: a second rehearsal finds it again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"


class Blobs:
    """Content by its digest, each repository's tags, and what refers to its images, in FOLDER."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads = folder / "uploads"
        for each in (folder / "sha256", folder / "tags", folder / "referrers", self.uploads):
            each.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        return self.folder / digest.replace(":", "/")

    def add(self, content: bytes) -> str:
        """Keep CONTENT and return its digest."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.path(digest).write_bytes(content)
        return digest

    def adopt(self, upload: Path, digest: str) -> bool:
        """Keep the finished UPLOAD when its content has DIGEST; return whether it has."""
        with upload.open("rb") as content:
            fits = hashlib.file_digest(content, "sha256").hexdigest() == digest.removeprefix("sha256:")
        if fits:
            upload.rename(self.path(digest))
        else:
            upload.unlink()
        return fits

    def tag(self, repository: str, tag: str) -> Path:
        return self.folder / "tags" / repository.replace("/", "%2F") / tag

    def media_type(self, digest: str) -> str:
        kind = self.path(digest).with_suffix(".type")
        return kind.read_text() if kind.is_file() else DEFAULT_MEDIA_TYPE

    def _referring(self, repository: str, subject: str) -> Path:
        return self.folder / "referrers" / repository.replace("/", "%2F") / subject.replace(":", "-")

    def refer(self, repository: str, digest: str, subject: str) -> None:
        """Remember that the manifest DIGEST of REPOSITORY names SUBJECT."""
        place = self._referring(repository, subject)
        place.mkdir(parents=True, exist_ok=True)
        (place / digest.replace(":", "-")).touch()

    def referrers(self, repository: str, subject: str) -> list[dict[str, Any]]:
        """Return the descriptors of the manifests of REPOSITORY that name SUBJECT."""
        place = self._referring(repository, subject)
        found = []
        for name in sorted(each.name for each in place.iterdir()) if place.is_dir() else ():
            digest = name.replace("-", ":", 1)
            content = self.path(digest).read_bytes()
            manifest = json.loads(content)
            kind = manifest.get("artifactType") or manifest.get("config", {}).get("mediaType", "")
            described = {"mediaType": self.media_type(digest), "digest": digest, "size": len(content)}
            found.append({**described, "artifactType": kind, "annotations": manifest.get("annotations") or {}})
        return found
