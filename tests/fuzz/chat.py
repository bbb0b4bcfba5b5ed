"""Requests made of chat-api's own OpenAPI, and what was answered by route."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz import openapi
from tests.integration.services.process import db_api, service

if TYPE_CHECKING:
    from tests.fuzz.openapi import Outcome

SETTINGS = Path(__file__).with_name("schemathesis-chat.toml")
# The fuzzer is alone, and the machine may be busy: what it waits for is not what is tried.
PATIENT = {"DB_API_TIMEOUT_S": "20", "REQUEST_DEADLINE_S": "30"}


def fuzz(folder: Path, *options: str) -> Outcome:
    """Ask a chat-api over a db-api of our own all that the fuzzer makes up with OPTIONS."""
    with (
        db_api(folder) as lower,
        service("service_chat", folder, {"DB_API_BASE_URL": lower.address, **PATIENT}) as running,
    ):
        return openapi.ask(running, folder, SETTINGS, *options)
