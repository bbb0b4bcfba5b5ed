"""The registry as a server of this machine, in a thread."""

from __future__ import annotations

import threading
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from ci.rehearsal.registry.blobs import Blobs
from ci.rehearsal.registry.pull import Pull
from ci.rehearsal.registry.push import Push

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Seconds until a stop is noticed.
POLL = 0.05


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
        handler = type("Handler", (Pull, Push), {"registry": self})
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
