"""What a pull asks the registry: manifests, layers, and what refers to an image."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from ci.rehearsal.registry.wire import CHUNK, DIGEST, MANIFEST, Wire

BLOB = re.compile(r"^/v2/(?P<repository>.+)/blobs/(?P<digest>sha256:[0-9a-f]{64})$")
REFERRERS = re.compile(r"^/v2/(?P<repository>.+)/referrers/(?P<digest>sha256:[0-9a-f]{64})$")
INDEX = "application/vnd.oci.image.index.v1+json"


class Pull(Wire):
    """GET and HEAD."""

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server looks for
        self._read()

    def do_HEAD(self) -> None:  # noqa: N802 - the name that http.server looks for
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
