"""Serve the application as the image does, on the port that the settings name: `python -m service_db_api`."""

from __future__ import annotations

from service_db_api.main import create_app
from service_db_api.routes.health import SERVICE
from service_db_api.settings import Settings
from service_kit import environment, logs, server


def main() -> None:
    """Serve until a signal ends it."""
    settings = environment.read(Settings)
    logs.configure(SERVICE, settings.log_level, form=settings.log_format)
    server.run(create_app(settings), settings.api_port_db_api)


if __name__ == "__main__":
    main()
