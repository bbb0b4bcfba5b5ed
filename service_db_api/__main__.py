"""Serve the application as the image does, on the port that the settings name: `python -m service_db_api`."""

from __future__ import annotations

import uvicorn

from service_db_api.main import create_app
from service_db_api.routes.health import SERVICE
from service_db_api.settings import Settings
from service_kit import environment, logs

# The image's own; see the Dockerfile.
HOST = "0.0.0.0"  # noqa: S104 - others ask it
STOP_SECONDS = 25


def main() -> None:
    """Serve until a signal ends it."""
    settings = environment.read(Settings)
    logs.configure(SERVICE, settings.log_level, form=settings.log_format)
    uvicorn.run(
        create_app(settings),
        host=HOST,
        port=settings.api_port_db_api,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


if __name__ == "__main__":
    main()
