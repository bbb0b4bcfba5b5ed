"""Ask what was deployed the questions a user would ask, and judge the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from ci.concurrency import side_by_side
from ci.errors import SmokeFailed
from ci.tls import tls_context

if TYPE_CHECKING:
    from ci.engines.base import Endpoints

# A synthetic patient of the demo data, who takes a blood thinner.
MRN = "P000102"
QUERY = "I slipped and hit my head"
UNKNOWN_MRN = "P999999"
PAUSE = 2.0


@dataclass(frozen=True)
class Check:
    """One question and how it was answered; `result` holds nothing of a patient."""

    name: str
    ok: bool
    result: str


class Wrong(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The service answered, but not rightly."""


Question = Callable[[httpx.AsyncClient], Awaitable[str]]


def questions(endpoints: Endpoints) -> dict[str, Question]:
    """Return name -> question for ENDPOINTS; db-api is asked through chat-api where it is private."""

    async def chat_health(client: httpx.AsyncClient) -> str:
        return _ok(await client.get(f"{endpoints.chat_api}/health"))

    async def db_health(client: httpx.AsyncClient) -> str:
        if endpoints.db_api:
            return _ok(await client.get(f"{endpoints.db_api}/health", params={"check": "ready"}))
        answer = _body(await client.get(f"{endpoints.chat_api}/health", params={"check": "ready"}), 200)
        found = answer.get("checks")
        if not isinstance(found, dict) or found.get("db-api") != "ok":
            message = "chat-api does not reach it"
            raise Wrong(message)
        return "ok, asked through chat-api"

    async def triage(client: httpx.AsyncClient) -> str:
        question = {"patient_mrn": MRN, "query": QUERY}
        answer = _body(await client.post(f"{endpoints.chat_api}/triage", json=question), 200)
        if answer.get("urgency") != "urgent" or not answer.get("trace_id"):
            message = f"urgency {answer.get('urgency')!r} where the record asks for 'urgent'"
            raise Wrong(message)
        rules = answer.get("matched_rules")
        if not isinstance(rules, list) or not rules:
            message = "urgent, but by no rule of the record"
            raise Wrong(message)
        return f"urgent, from the record (rules: {', '.join(map(str, rules))})"

    async def unknown(client: httpx.AsyncClient) -> str:
        question = {"patient_mrn": UNKNOWN_MRN, "query": QUERY}
        answer = _body(await client.post(f"{endpoints.chat_api}/triage", json=question), 404)
        if answer.get("code") != "patient_not_found" or not answer.get("trace_id"):
            message = "the 404 does not say patient_not_found with a trace id"
            raise Wrong(message)
        return "404 patient_not_found, with a trace id"

    return {
        "chat-api /health": chat_health,
        "db-api /health": db_health,
        "chat-api /triage": triage,
        "chat-api /triage, unknown patient": unknown,
    }


def _body(response: httpx.Response, status: int) -> dict[str, Any]:
    if response.status_code != status:
        message = f"HTTP {response.status_code} where {status} was due"
        raise Wrong(message)
    try:
        body = response.json()
    except ValueError:
        message = "no JSON"
        raise Wrong(message) from None
    return body if isinstance(body, dict) else {}


def _ok(response: httpx.Response) -> str:
    if _body(response, 200).get("status") != "ok":
        message = "status is not ok"
        raise Wrong(message)
    return "ok"


async def smoke(endpoints: Endpoints, *, timeout: float) -> list[Check]:
    """
    Return the answers to all questions, each asked again until it is right or TIMEOUT seconds are over.

    A load balancer's name takes minutes to resolve, so an early wrong answer is
    no verdict. Never raises; `judge` does.
    """
    deadline = anyio.current_time() + timeout

    async def one(item: tuple[str, Question]) -> Check:
        name, question = item
        while True:
            try:
                return Check(name, ok=True, result=await question(client))
            except Wrong as error:
                result = str(error)
            except httpx.HTTPError as error:
                result = type(error).__name__
            if anyio.current_time() + PAUSE > deadline:
                return Check(name, ok=False, result=result)
            await anyio.sleep(PAUSE)

    # A proxy of the environment leads out; what runs on this machine is not there.
    near = httpx.URL(endpoints.chat_api).host in {"127.0.0.1", "localhost"}
    timeout_each = httpx.Timeout(10, connect=5)
    async with httpx.AsyncClient(timeout=timeout_each, verify=tls_context(), trust_env=not near) as client:
        return await side_by_side(one, questions(endpoints).items())


def judge(checks: list[Check], deployed: dict[str, str]) -> None:
    """Raise SmokeFailed when any of CHECKS is not ok; it says what is DEPLOYED, as name -> image reference."""
    wrong = [each for each in checks if not each.ok]
    if not wrong:
        return
    title = f"What was deployed does not answer rightly: {', '.join(each.name for each in wrong)}."
    lines = [f"{each.name}: {each.result}" for each in wrong]
    lines += [f"deployed {name}: {reference}" for name, reference in deployed.items()]
    hint = (
        "It stays deployed. To go back: `python ci/main.py rollback`, to the release before, whose images are there, "
        "so only pods roll."
    )
    raise SmokeFailed(title, code="smoke_failed", detail="\n".join(lines), hint=hint)
