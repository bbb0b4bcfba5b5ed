"""Serve the application as the image does, on the port that the settings name: `python -m service_chat`."""

from __future__ import annotations

from service_chat.main import create_app
from service_chat.routes.health import SERVICE
from service_chat.settings import Settings
from service_kit import environment, logs, server


def main() -> None:
    """Serve until a signal ends it."""
    settings = environment.read(Settings)
    logs.configure(SERVICE, settings.log_level, form=settings.log_format, hash_key=settings.phi_hash_key)
    server.run(create_app(settings), settings.chat_api_port)


if __name__ == "__main__":
    main()
