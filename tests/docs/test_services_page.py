"""docs/services.md tells the services' routes and settings, all of them and no others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ci.settings import ROOT
from service_chat.main import create_app as create_chat
from service_chat.settings import Settings as ChatSettings
from service_db_api.main import create_app as create_db
from service_db_api.settings import Settings as DbSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service_kit.environment import Settings

PAGE = (ROOT / "docs/services.md").read_text()
ROUTE = re.compile(r"`((?:GET|POST) /[^`? ]*)`")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def routes(app: FastAPI) -> set[str]:
    paths = app.openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_services_page_lists_every_route_and_no_other() -> None:
    """What OpenAPI has is in the service's table."""
    apps = {
        "db-api": create_db(DbSettings(mongodb_uri="mongodb://localhost")),
        "chat-api": create_chat(ChatSettings()),
    }
    tables = {name: [line for line in section(name).splitlines() if line.startswith("| `")] for name in apps}

    assert {name: set(ROUTE.findall("\n".join(rows))) for name, rows in tables.items()} == {
        name: routes(app) for name, app in apps.items()
    }


@pytest.mark.parametrize(("service", "kind"), [("db-api", DbSettings), ("chat-api", ChatSettings)])
def test_the_page_tells_every_setting_and_no_other(service: str, kind: type[Settings]) -> None:
    """Each field has its variable in a row of its service."""
    rows = [line.split("|") for line in section("Settings").splitlines() if line.startswith("| `")]
    told = {name for row in rows if row[2].strip() in (service, "both") for name in re.findall(r"`(\w+)`", row[1])}

    assert told == {field.upper() for field in kind.model_fields}
