"""A running application over a stand-in for db-api, asked without a socket."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from service_chat.main import create_app
from service_chat.records import Record
from service_chat.settings import Settings
from service_kit import scrub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from starlette.types import Receive, Scope, Send

# What the real db-api answers; tests/integration/services keeps the file true.
SUMMARIES: dict[str, Any] = json.loads(Path(__file__).with_name("summaries.json").read_text(encoding="utf-8"))


def record(mrn: str) -> Record:
    """Return the record of the persona MRN."""
    return Record.model_validate(SUMMARIES[mrn])


def written(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return what the log makes of LINES that were caught before it."""
    return str([scrub.Scrubber()(None, "info", dict(each)) for each in lines])


@dataclass
class DbApi:
    """db-api's stand-in: it keeps what it was asked and told, and answers from the file unless told otherwise."""

    asked: list[httpx.Request] = field(default_factory=list)
    stored: list[httpx.Request] = field(default_factory=list)
    answer: Callable[[httpx.Request], httpx.Response] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.stored.append(request)
            told = json.loads(request.content)["turns"]
            return httpx.Response(200, json={"outcomes": ["stored"] * len(told)})
        self.asked.append(request)
        if self.answer is not None:
            return self.answer(request)
        if request.url.path == "/health":
            return httpx.Response(200, json={"status": "ok"})
        summary = SUMMARIES.get(request.url.path.split("/")[2])
        if summary is None:
            return httpx.Response(404, json={"code": "patient_not_found"})
        return httpx.Response(200, json=summary)


@dataclass(frozen=True)
class Served:
    """`client` asks the application, `db_api` is what that asks."""

    client: httpx.AsyncClient
    db_api: DbApi

    async def triage(self, mrn: str, query: str) -> httpx.Response:
        """Ask QUERY about MRN."""
        return await self.client.post("/triage", json={"patient_mrn": mrn, "query": query})


@contextlib.asynccontextmanager
async def serve(**settings: Any) -> AsyncIterator[Served]:
    """Run the application as SETTINGS say until the block ends, handing its state to each request as a server would."""
    db_api = DbApi()
    app = create_app(Settings.model_validate(settings), httpx.MockTransport(db_api))
    async with app.router.lifespan_context(app) as state:
        found = dict(state or {})

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": found.copy()}, receive, send)

        transport = httpx.ASGITransport(app=with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield Served(client, db_api)
