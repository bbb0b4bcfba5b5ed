"""The server of a service that is started by its own name, set as the one in its image is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from fastapi import FastAPI

# As in the Dockerfiles.
HOST = "0.0.0.0"  # noqa: S104 - others ask it
STOP_SECONDS = 25


def run(app: FastAPI, port: int) -> None:
    """Serve APP on PORT until a signal ends it."""
    uvicorn.run(
        app,
        host=HOST,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
