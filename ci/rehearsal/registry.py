"""
The stand-in of ECR's image endpoint: the part of the OCI distribution protocol that a push and a pull need.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import uuid
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MANIFEST = re.compile(r"^/v2/(?P<repository>.+)/manifests/(?P<reference>[^/]+)$")
BLOB = re.compile(r"^/v2/(?P<repository>.+)/blobs/(?P<digest>sha256:[0-9a-f]{64})$")
REFERRERS = re.compile(r"^/v2/(?P<repository>.+)/referrers/(?P<digest>sha256:[0-9a-f]{64})$")
UPLOAD = re.compile(r"^/v2/(?P<repository>.+)/blobs/uploads/(?P<upload>[0-9a-f]*)$")
DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
INDEX = "application/vnd.oci.image.index.v1+json"
DEFAULT_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"
CHUNK = 1 << 20
# Seconds until a stop is noticed.
POLL = 0.05


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


class RegistryServer:
    """
    A registry on 127.0.0.1 that keeps what is pushed in FOLDER.

    ON_MANIFEST is called with repository, tag (or nothing), digest, media type
    and content of each image's manifest, so that the ECR API can tell of it too. What is
    pushed to a repository that KNOWS denies is refused, as ECR does. It lists
    what refers to an image, unless LISTS is False: then it is as registries
    were before OCI distribution 1.1.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        on_manifest: Callable[[str, str, str, str, str], None],
        knows: Callable[[str], bool] = bool,
        *,
        lists: bool = True,
    ) -> None:
        self.lists = lists
        self.blobs = Blobs(folder)
        self.on_manifest = on_manifest
        self.knows = knows
        handler = type("Handler", (_Handler,), {"registry": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL,), name="registry", daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    registry: RegistryServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the report tells what was pushed."""

    def do_GET(self) -> None:
        self._read()

    def do_HEAD(self) -> None:
        self._read()

    def _read(self) -> None:
        path = urlsplit(self.path).path
        if path.rstrip("/") == "/v2":
            self._answer(HTTPStatus.OK, body=b"{}")
        elif match := MANIFEST.match(path):
            self._send_manifest(match["repository"], match["reference"])
        elif (match := REFERRERS.match(path)) and self.registry.lists:
            self._send_referrers(match["repository"], match["digest"])
        elif match := BLOB.match(path):
            self._send_file(match["digest"], "application/octet-stream")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN")

    def _send_manifest(self, repository: str, reference: str) -> None:
        digest = reference
        if not DIGEST.match(reference):
            tag = self.registry.blobs.tag(repository, reference)
            if not tag.is_file():
                self._refuse(HTTPStatus.NOT_FOUND, "MANIFEST_UNKNOWN")
                return
            digest = tag.read_text()
        if not self.registry.blobs.path(digest).is_file():
            self._refuse(HTTPStatus.NOT_FOUND, "MANIFEST_UNKNOWN")
            return
        self._send_file(digest, self.registry.blobs.media_type(digest))

    def _send_referrers(self, repository: str, subject: str) -> None:
        """List what refers to SUBJECT, of the kind that is asked for; a subject that is not there has none."""
        found = self.registry.blobs.referrers(repository, subject)
        headers = {"Content-Type": INDEX}
        if wanted := parse_qs(urlsplit(self.path).query).get("artifactType", [""])[0]:
            found = [each for each in found if each["artifactType"] == wanted]
            headers["OCI-Filters-Applied"] = "artifactType"
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": found}
        self._answer(HTTPStatus.OK, headers, json.dumps(index).encode())

    def _send_file(self, digest: str, media_type: str) -> None:
        path = self.registry.blobs.path(digest)
        if not path.is_file():
            self._refuse(HTTPStatus.NOT_FOUND, "BLOB_UNKNOWN")
            return
        size = path.stat().st_size
        self._answer(HTTPStatus.OK, {"Content-Type": media_type, "Docker-Content-Digest": digest}, length=size)
        if self.command == "GET":
            with path.open("rb") as content:
                while chunk := content.read(CHUNK):
                    self.wfile.write(chunk)

    def do_POST(self) -> None:
        match = UPLOAD.match(urlsplit(self.path).path)
        self._body()
        if match is None or not self.registry.knows(match["repository"]):
            self._refuse(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN")
            return
        upload = uuid.uuid4().hex
        (self.registry.blobs.uploads / upload).touch()
        location = f"/v2/{match['repository']}/blobs/uploads/{upload}"
        self._answer(HTTPStatus.ACCEPTED, {"Location": location, "Range": "0-0"})

    def do_PATCH(self) -> None:
        match = UPLOAD.match(urlsplit(self.path).path)
        path = self.registry.blobs.uploads / match["upload"] if match else None
        if match is None or path is None or not path.is_file():
            self._body()
            self._refuse(HTTPStatus.NOT_FOUND, "BLOB_UPLOAD_UNKNOWN")
            return
        self._receive(path)
        location = f"/v2/{match['repository']}/blobs/uploads/{match['upload']}"
        self._answer(HTTPStatus.ACCEPTED, {"Location": location, "Range": f"0-{max(path.stat().st_size - 1, 0)}"})

    def do_PUT(self) -> None:
        address = urlsplit(self.path)
        if match := MANIFEST.match(address.path):
            self._keep_manifest(match["repository"], match["reference"])
        elif match := UPLOAD.match(address.path):
            self._keep_blob(match["repository"], match["upload"], parse_qs(address.query).get("digest", [""])[0])
        else:
            self._body()
            self._refuse(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN")

    def _keep_blob(self, repository: str, upload: str, digest: str) -> None:
        path = self.registry.blobs.uploads / upload
        if not path.is_file() or not DIGEST.match(digest):
            self._body()
            self._refuse(HTTPStatus.NOT_FOUND, "BLOB_UPLOAD_UNKNOWN")
            return
        self._receive(path)
        if self.registry.blobs.adopt(path, digest):
            location = f"/v2/{repository}/blobs/{digest}"
            self._answer(HTTPStatus.CREATED, {"Location": location, "Docker-Content-Digest": digest})
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, "DIGEST_INVALID")

    def _keep_manifest(self, repository: str, reference: str) -> None:
        content = self._body()
        blobs = self.registry.blobs
        media_type = self.headers.get("Content-Type", DEFAULT_MEDIA_TYPE)
        if not self.registry.knows(repository):
            self._refuse(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN")
            return
        if DIGEST.match(reference) and reference != f"sha256:{hashlib.sha256(content).hexdigest()}":
            self._refuse(HTTPStatus.BAD_REQUEST, "DIGEST_INVALID")
            return
        digest = blobs.add(content)
        blobs.path(digest).with_suffix(".type").write_text(media_type)
        if not DIGEST.match(reference):
            tag = blobs.tag(repository, reference)
            tag.parent.mkdir(parents=True, exist_ok=True)
            tag.write_text(digest)
        subject = _subject(content)
        if not subject:
            name = "" if DIGEST.match(reference) else reference
            self.registry.on_manifest(repository, name, digest, media_type, content.decode())
        headers = {"Location": f"/v2/{repository}/manifests/{digest}", "Docker-Content-Digest": digest}
        if self.registry.lists and subject:
            blobs.refer(repository, digest, subject)
            headers["OCI-Subject"] = subject
        self._answer(HTTPStatus.CREATED, headers)

    def _chunks(self) -> Any:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            chunk = self.rfile.read(min(left, CHUNK))
            left -= len(chunk)
            yield chunk

    def _body(self) -> bytes:
        return b"".join(self._chunks())

    def _receive(self, path: Path) -> None:
        with path.open("ab") as target:
            for chunk in self._chunks():
                target.write(chunk)

    def _answer(
        self, status: HTTPStatus, headers: dict[str, str] | None = None, body: bytes = b"", length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if body and self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self._answer(status, {"Content-Type": "application/json"}, b'{"errors":[{"code":"%s"}]}' % code.encode())


def _subject(content: bytes) -> str:
    """Return the digest that the manifest CONTENT names as its subject; empty when it names none."""
    try:
        subject = str(json.loads(content)["subject"]["digest"])
    except (ValueError, KeyError, TypeError):
        return ""
    return subject if DIGEST.match(subject) else ""
