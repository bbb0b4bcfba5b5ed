"""What a push sends the registry: layers in one piece or several, then the manifest that names them."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from ci.rehearsal.registry.blobs import DEFAULT_MEDIA_TYPE
from ci.rehearsal.registry.wire import DIGEST, MANIFEST, Wire

UPLOAD = re.compile(r"^/v2/(?P<repository>.+)/blobs/uploads/(?P<upload>[0-9a-f]*)$")


class Push(Wire):
    """POST, PATCH and PUT."""

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server looks for
        match = UPLOAD.match(urlsplit(self.path).path)
        self._body()
        if match is None or not self.registry.knows(match["repository"]):
            self._refuse(HTTPStatus.NOT_FOUND, "NAME_UNKNOWN")
            return
        upload = uuid.uuid4().hex
        (self.registry.blobs.uploads / upload).touch()
        location = f"/v2/{match['repository']}/blobs/uploads/{upload}"
        self._answer(HTTPStatus.ACCEPTED, {"Location": location, "Range": "0-0"})

    def do_PATCH(self) -> None:  # noqa: N802 - the name that http.server looks for
        match = UPLOAD.match(urlsplit(self.path).path)
        path = self.registry.blobs.uploads / match["upload"] if match else None
        if match is None or path is None or not path.is_file():
            self._body()
            self._refuse(HTTPStatus.NOT_FOUND, "BLOB_UPLOAD_UNKNOWN")
            return
        self._receive(path)
        location = f"/v2/{match['repository']}/blobs/uploads/{match['upload']}"
        self._answer(HTTPStatus.ACCEPTED, {"Location": location, "Range": f"0-{max(path.stat().st_size - 1, 0)}"})

    def do_PUT(self) -> None:  # noqa: N802 - the name that http.server looks for
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


def _subject(content: bytes) -> str:
    """Return the digest that the manifest CONTENT names as its subject; empty when it names none."""
    try:
        subject = str(json.loads(content)["subject"]["digest"])
    except (ValueError, KeyError, TypeError):
        return ""
    return subject if DIGEST.match(subject) else ""
