"""The token by which services may be asked to show that they belong here."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, SecretStr

from service_kit import problem
from service_kit.problem import Problem

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Scope

    from service_kit.guard import Guard

SCHEME = b"bearer"
SHORTEST = 16
# Whoever watches a process, or reads what it can do, needs no token.
FREE = ("/health", "/openapi.json")


class Unauthorized(Problem):
    status = 401
    code = "unauthorized"
    detail = "Send the service's token: `Authorization: Bearer …`."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - declared as a ClassVar in the base


def _usable(value: SecretStr) -> SecretStr:
    token = value.get_secret_value().strip()
    if len(token) < SHORTEST or not all("!" <= character <= "~" for character in token):
        message = f"it must be at least {SHORTEST} visible ASCII characters without blanks"
        raise ValueError(message)
    return SecretStr(token)


Token = Annotated[SecretStr, AfterValidator(_usable)]


def asks(token: SecretStr) -> Guard:
    """Return the guard that refuses whoever does not show TOKEN."""
    expected = token.get_secret_value().encode()

    def ask(scope: Scope) -> Problem | None:
        return None if _shown(scope, expected) or is_free(_path(scope)) else Unauthorized()

    return ask


def _shown(scope: Scope, token: bytes) -> bool:
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(values) != 1:
        return False
    scheme, _, shown = values[0].partition(b" ")
    return scheme.lower() == SCHEME and hmac.compare_digest(shown.strip(), token)


def is_free(path: str) -> bool:
    """Return whether PATH, or a path's template, is answered without a token."""
    return path in FREE or path.startswith("/health/")


def _path(scope: Scope) -> str:
    """Return the path as the routes know it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def tell(app: FastAPI) -> None:
    """Let APP's OpenAPI say which of its operations ask for the token."""
    plain = app.openapi

    def told() -> dict[str, Any]:
        found = plain()
        schemes = found.setdefault("components", {}).setdefault("securitySchemes", {})
        if "serviceToken" not in schemes:
            schemes["serviceToken"] = {"type": "http", "scheme": "bearer"}
            for path, operations in found["paths"].items():
                for operation in operations.values() if not is_free(path) else ():
                    operation["security"] = [{"serviceToken": []}]
                    operation["responses"].update({str(Unauthorized.status): problem.documented(Unauthorized)[401]})
        return found

    app.openapi = told  # type: ignore[method-assign] # the way the framework documents
