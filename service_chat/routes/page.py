"""The page to ask from, for people: files read once, at start, and served under a strict policy."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FOLDER", "HEADERS", "MEDIA_TYPES", "router"]

FOLDER = Path(__file__).resolve().parents[1] / "page"
INDEX = "index.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    # Its form is answered by script; sent by the browser itself, a question would stand in the address.
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    # Text becomes an element nowhere: neither what was asked nor what a document says.
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), clipboard-read=(), display-capture=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Kept by whom it pleases, as there is nothing of a patient in it, but asked about each time.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True)
class File:
    """A file as it is and compressed, under a tag of its content."""

    media_type: str
    plain: bytes
    zipped: bytes
    tag: str

    @classmethod
    def read(cls, path: Path) -> File:
        plain = path.read_bytes()
        tag = hashlib.sha256(plain).hexdigest()[:32]
        return cls(MEDIA_TYPES[path.suffix], plain, gzip.compress(plain, mtime=0), tag)

    def response(self, request: Request) -> Response:
        """Return what REQUEST is to get: the file, or 304 when it is at hand there."""
        small = _takes_gzip(request.headers.get("accept-encoding", ""))
        etag = f'"{self.tag}-gzip"' if small else f'"{self.tag}"'
        headers = {**HEADERS, "ETag": etag}
        if _at_hand(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        content = self.zipped if small else self.plain
        headers |= {"Content-Type": self.media_type, "Content-Length": str(len(content))}
        if small:
            headers["Content-Encoding"] = "gzip"
        return Response(b"" if request.method == "HEAD" else content, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Return whether ACCEPTED names gzip and does not refuse it."""
    for each in accepted.split(","):
        name, _, weight = each.partition(";")
        if name.strip().lower() == "gzip":
            return REFUSED.fullmatch(weight.strip().lower()) is None
    return False


def _at_hand(tags: str, etag: str) -> bool:
    return tags.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in tags.split(","))


def read(folder: Path = FOLDER) -> Mapping[str, File]:
    """Return the files of FOLDER that a browser may ask for, by name."""
    return {path.name: File.read(path) for path in sorted(folder.iterdir()) if path.suffix in MEDIA_TYPES}


def router() -> APIRouter:
    """Return the routes of the page; OpenAPI, which tells what programs can ask, does not list them."""
    files = read()
    made = APIRouter(include_in_schema=False)

    @made.api_route("/", methods=["GET", "HEAD"])
    async def index(request: Request) -> Response:
        """Return the page."""
        return files[INDEX].response(request)

    @made.api_route("/page/{name}", methods=["GET", "HEAD"])
    async def file(request: Request, name: str) -> Response:
        """Return one of the files that the page consists of; 404 for any other name."""
        if name == INDEX or name not in files:
            raise HTTPException(404)
        return files[name].response(request)

    return made
