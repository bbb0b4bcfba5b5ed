"""An application that does little but fail in every way there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict

from service_kit import drain, trace
from service_kit.environment import Settings
from service_kit.install import install
from service_kit.problem import Problem

if TYPE_CHECKING:
    from pydantic import SecretStr

    from service_kit.operation import Operation


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int


class Gone(Problem):
    status = 503
    code = "gone"
    detail = "It is gone."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base


@dataclass(frozen=True)
class Served:
    """`client` asks `app` with no socket in between; `operation` is what its lifespan would run."""

    client: httpx.AsyncClient
    app: FastAPI
    operation: Operation


def serve(token: SecretStr | None = None, **settings: object) -> Served:
    """Return the application as SETTINGS say, asked for TOKEN unless it is None."""
    app = FastAPI()
    operation = install(app, "demo", Settings.model_validate(settings), token)

    @app.get("/items/{name}")
    async def item(name: Annotated[str, Path(pattern="^[a-z]+$")]) -> dict[str, str]:
        return {"name": name}

    @app.get("/passed-on")
    async def passed_on() -> dict[str, str]:
        current = trace.current()
        return current.headers if current else {}

    @app.get("/gone")
    async def gone() -> None:
        raise Gone(checks={"database": "unavailable"})

    @app.get("/bug/{name}")
    async def bug(name: str) -> None:
        raise RuntimeError(name)

    @app.post("/numbers")
    async def numbers(body: Body) -> Body:
        return body

    @app.get("/health")
    async def health(request: Request) -> int:
        drain.refuse(request)
        return operation.metrics.in_flight

    transport = httpx.ASGITransport(app=app)
    return Served(httpx.AsyncClient(transport=transport, base_url="http://service"), app, operation)
