"""chat-api's way to db-api: one pooled client, short deadlines, and no word of what went wrong to the caller."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NoReturn

import httpx
import structlog
from pydantic import ValidationError

from service_chat.errors import DbApiUnavailable, PatientNotFound
from service_chat.records import Record
from service_kit import trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_chat.settings import Settings

CONNECT = 1.0
POOL = 1.0
LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=20)


class DbApi:
    """
    Records of patients, asked of db-api.

    TIMEOUT, in seconds, caps one question whole. The trace of the request being
    answered goes along.
    """

    def __init__(self, client: httpx.AsyncClient, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    async def record(self, mrn: str) -> Record:
        """Return the record of MRN, which must have the form of one; raise PatientNotFound or DbApiUnavailable."""
        response = await self._get(f"/patients/{mrn}/summary", self._timeout)
        if response.status_code == httpx.codes.NOT_FOUND and _code(response) == PatientNotFound.code:
            raise PatientNotFound
        if response.status_code != httpx.codes.OK:
            _give_up(f"status {response.status_code}")
        try:
            record = Record.model_validate_json(response.content)
        except ValidationError as error:
            _give_up(f"{error.error_count()} fields are not as expected")
        if record.patient.mrn != mrn:
            _give_up("another patient's record")
        return record

    async def ready(self, timeout: float) -> None:
        """Raise DbApiUnavailable unless db-api says within TIMEOUT seconds that it is ready."""
        response = await self._get("/health?check=ready", timeout)
        if response.status_code != httpx.codes.OK:
            _give_up(f"status {response.status_code}")

    async def _get(self, path: str, timeout: float) -> httpx.Response:
        current = trace.current()
        try:
            async with asyncio.timeout(timeout):
                return await self._client.get(path, headers=current.headers if current else None)
        except (httpx.HTTPError, TimeoutError) as error:
            _give_up(type(error).__name__)


def _give_up(reason: str) -> NoReturn:
    """Log REASON, which must be free of the record, and raise DbApiUnavailable."""
    structlog.get_logger().warning("db_api_unavailable", reason=reason)
    raise DbApiUnavailable from None


def _code(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


@contextlib.asynccontextmanager
async def connected(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[DbApi]:
    """Yield a way to the db-api of SETTINGS until the block ends; db-api need not be up. Tests bring a TRANSPORT."""
    limit = settings.db_api_timeout_s
    token = settings.service_token
    async with httpx.AsyncClient(
        base_url=str(settings.db_api_base_url),
        headers={"Authorization": f"Bearer {token.get_secret_value()}"} if token else None,
        timeout=httpx.Timeout(limit, connect=min(CONNECT, limit), pool=min(POOL, limit)),
        limits=LIMITS,
        transport=transport,
        # A proxy from the environment would be handed patients' records.
        trust_env=False,
    ) as client:
        yield DbApi(client, limit)
