"""
One repository of a registry, over the registry's HTTP API: what an engine cannot push or read.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import contextlib
import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx

from ci.aws.client import near
from ci.errors import ImageFailed
from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci.engines.base import Registry

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@contextlib.contextmanager
def asked(registry: Registry, repository: str, what: str) -> Iterator[Repository]:
    """
    Yield REPOSITORY of REGISTRY; WHAT is what the block wants of it.

    Its calls block, so run them in a thread. Raises ImageFailed when the
    registry does not answer or refuses.
    """
    try:
        with httpx.Client(
            base_url=f"{registry.address}/v2/{repository}/",
            auth=("AWS", registry.password) if registry.password else None,
            timeout=registry.timeout,
            verify=tls_context(),
            # Where a blob lies is the registry's business; httpx sends the password to no other host.
            follow_redirects=True,
            trust_env=not near(registry.address),
        ) as client:
            yield Repository(client, registry.host, repository)
    except httpx.HTTPStatusError as error:
        title = f"The registry {registry.host} refused to {what}: {error.response.status_code}."
        hint = f"Check that the role of this run may read and push {repository} (docs/supply-chain.md)."
        raise ImageFailed(title, code="registry_refused", hint=hint) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        title = f"The registry {registry.host} could not be asked to {what}: {type(error).__name__}."
        hint = "Run it again when the registry answers; what was pushed is found."
        raise ImageFailed(title, code="registry_unreachable", hint=hint) from None


class Repository:
    """Manifests and blobs by their digests; what comes back has the digest that was asked for."""

    def __init__(self, client: httpx.Client, host: str, name: str) -> None:
        self._client = client
        self._host = host
        self._name = name

    def manifest(self, digest: str) -> tuple[str, bytes]:
        """Return the media type and the content of the manifest DIGEST."""
        reply = self._client.get(f"manifests/{digest}", headers={"Accept": f"{MANIFEST}, {INDEX}"}).raise_for_status()
        return reply.headers.get("Content-Type", MANIFEST).partition(";")[0], self._expected(reply.content, digest)

    def tagged(self, tag: str) -> bytes | None:
        """Return the index that TAG names, or None when there is none."""
        reply = self._client.get(f"manifests/{tag}", headers={"Accept": INDEX})
        return None if reply.status_code == HTTPStatus.NOT_FOUND else reply.raise_for_status().content

    def blob(self, digest: str) -> bytes:
        """Return the content of the blob DIGEST."""
        return self._expected(self._client.get(f"blobs/{digest}").raise_for_status().content, digest)

    def _expected(self, content: bytes, digest: str) -> bytes:
        if sha256(content) != digest:
            title = f"The registry {self._host} gave other content than {digest[:19]} of {self._name}."
            hint = "Deploy nothing from it before that is understood."
            raise ImageFailed(title, code="registry_damaged", hint=hint)
        return content

    def put_manifest(self, media_type: str, content: bytes, tag: str = "") -> str:
        """Keep the manifest CONTENT, under TAG when there is one, and return its digest."""
        digest = sha256(content)
        kind = {"Content-Type": media_type}
        self._client.put(f"manifests/{tag or digest}", content=content, headers=kind).raise_for_status()
        return digest

    def put_blob(self, content: bytes) -> str:
        """Keep CONTENT, where it is not there yet, and return its digest."""
        digest = sha256(content)
        if self._client.head(f"blobs/{digest}").status_code != HTTPStatus.OK:
            started = self._client.post("blobs/uploads/").raise_for_status()
            place = started.url.join(started.headers["Location"]).copy_merge_params({"digest": digest})
            kind = {"Content-Type": "application/octet-stream"}
            self._client.put(place, content=content, headers=kind).raise_for_status()
        return digest

    def referrers(self, digest: str) -> list[dict[str, Any]] | None:
        """Return the descriptors of what names DIGEST as its subject; None where the registry keeps no such list."""
        found: list[dict[str, Any]] = []
        address = f"referrers/{digest}"
        while address:
            reply = self._client.get(address, headers={"Accept": INDEX})
            if reply.status_code == HTTPStatus.NOT_FOUND:
                return None
            found += reply.raise_for_status().json().get("manifests") or []
            further = reply.links.get("next", {}).get("url", "")
            address = str(reply.url.join(further)) if further else ""
        return found
