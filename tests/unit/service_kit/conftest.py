"""An application that does little but fail in every way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import httpx
import pytest
from fastapi import FastAPI, Path
from pydantic import BaseModel, ConfigDict

from service_kit import trace
from service_kit.install import install
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int


class Gone(Problem):
    status = 503
    code = "gone"
    detail = "It is gone."
    headers = {"Retry-After": "2"}  # noqa: RUF012 - declared as a ClassVar in the base


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the failing application, with no socket in between."""
    transport = httpx.ASGITransport(app=_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as found:
        yield found


def _app() -> FastAPI:
    app = FastAPI()
    install(app)

    @app.get("/items/{name}")
    async def item(name: Annotated[str, Path(pattern="^[a-z]+$")]) -> dict[str, str]:
        return {"name": name, **(trace.Trace("1" * 32, "2" * 16).headers)}

    @app.get("/gone")
    async def gone() -> None:
        raise Gone(checks={"database": "unavailable"})

    @app.get("/bug/{name}")
    async def bug(name: str) -> None:
        raise RuntimeError(name)

    @app.post("/numbers")
    async def numbers(body: Body) -> Body:
        return body

    return app
