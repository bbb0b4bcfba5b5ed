"""chat-api's way to db-api: kept connections, short deadlines, and no word of what went wrong to the caller."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, NoReturn

import httpx
import orjson
import structlog
from pydantic import ValidationError

from service_chat.backoff import delays
from service_chat.breaker import Breaker
from service_chat.errors import DbApiUnavailable, DeadlineExceeded, PatientNotFound
from service_chat.records import Record
from service_kit import deadline, scrub, trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from service_chat.settings import Settings

CONNECT = 1.0
POOL = 1.0
# Servers close what is idle for longer, uvicorn after five seconds: a request should not meet that moment.
LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=4.0)
# Of pauses between attempts, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
IDENTITY = ("name", "dob", "address", "phone", "email")


class DbApi:
    """
    Records of patients, asked of the db-api at BASE through TRANSPORT.

    TIMEOUT, in seconds, caps one question whole, and the deadline of the
    request being answered does too; both that and its trace go along. RETRIES
    is how often a read is tried again that did not connect.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, base: httpx.URL, token: str | None, *, timeout: float, retries: int
    ) -> None:
        self.breaker = Breaker()
        self._transport = transport
        self._base = base
        self._path = base.raw_path.rstrip(b"/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = timeout
        self._retries = retries
        self._random = random.Random()  # noqa: S311 - it spreads retries, nothing is kept secret by it

    async def record(self, mrn: str) -> Record:
        """
        Return the record of MRN, which must have the form of one.

        Raises PatientNotFound, DbApiUnavailable, or DeadlineExceeded when it is the request whose time is over.
        """
        with _told():
            response = await self._read(f"/patients/{mrn}/summary")
        content = response.content
        # What the record is made of goes further than the record: into messages of errors, for one.
        scrub.know(lambda: _identity(content))
        if response.status_code == httpx.codes.NOT_FOUND and code(response) == PatientNotFound.code:
            raise PatientNotFound
        if response.status_code != httpx.codes.OK:
            _give_up(f"status {response.status_code}")
        try:
            record = Record.model_validate_json(content)
        except ValidationError as error:
            _give_up(f"{error.error_count()} fields are not as expected")
        if record.patient.mrn != mrn:
            _give_up("another patient's record")
        return record

    async def ready(self, timeout: float) -> None:
        """Raise DbApiUnavailable unless db-api says within TIMEOUT seconds that it is ready, whatever the breaker."""
        try:
            response = await self._send("GET", "/health?check=ready", timeout)
        except (httpx.HTTPError, TimeoutError) as error:
            _give_up(type(error).__name__)
        if response.status_code != httpx.codes.OK:
            _give_up(f"status {response.status_code}")

    async def store(self, path: str, body: bytes) -> httpx.Response:
        """
        Send BODY to PATH, where what is sent twice is stored once, and return the answer.

        Raises DbApiUnavailable when none came, or one that asks to come again.
        """
        try:
            response = await self._guarded("POST", path, body)
        except _NoAnswer:
            raise DbApiUnavailable from None
        if response.is_server_error:
            raise DbApiUnavailable
        return response

    async def _read(self, path: str) -> httpx.Response:
        pauses = delays(self._retries + 1, base=FIRST_PAUSE, cap=LONGEST_PAUSE, rng=self._random)
        while True:
            try:
                return await self._guarded("GET", path)
            except _NoAnswer as error:
                pause = next(pauses, None) if error.connecting else None
                if pause is None or pause >= deadline.remaining(self._timeout):
                    raise
                await asyncio.sleep(pause)

    async def _guarded(self, method: str, path: str, body: bytes = b"") -> httpx.Response:
        """Ask unless the breaker is open, and let it know how that went."""
        given = deadline.remaining(self._timeout)
        if given <= 0:
            raise DeadlineExceeded
        if not self.breaker.allow():
            raise _NoAnswer(reason="the breaker is open")
        # Who has less time than db-api may take learns nothing of db-api when it is over.
        hasty = given < self._timeout
        try:
            response = await self._send(method, path, given, body)
        except (httpx.HTTPError, TimeoutError) as error:
            if hasty and isinstance(error, TimeoutError | httpx.ReadTimeout | httpx.WriteTimeout):
                self.breaker.gave_up()
                raise DeadlineExceeded from None
            self.breaker.failed()
            connecting = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            raise _NoAnswer(reason=type(error).__name__, connecting=connecting) from None
        except BaseException:
            self.breaker.gave_up()
            raise
        if hasty and response.status_code == DeadlineExceeded.status and code(response) == DeadlineExceeded.code:
            # db-api knows how long it has, and may be the first to say that it is over.
            self.breaker.gave_up()
            raise DeadlineExceeded
        if response.is_server_error:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        return response

    async def _send(self, method: str, path: str, timeout: float, body: bytes = b"") -> httpx.Response:
        headers = dict(self._headers)
        if current := trace.current():
            headers |= current.headers
        with deadline.within(timeout):
            headers |= deadline.header()
        if body:
            headers["Content-Type"] = "application/json"
        url = self._base.copy_with(raw_path=self._path + path.encode())
        limits = {"connect": CONNECT, "pool": POOL, "read": timeout, "write": timeout}
        request = httpx.Request(method, url, headers=headers, content=body or None, extensions={"timeout": limits})
        async with asyncio.timeout(timeout):
            response = await self._transport.handle_async_request(request)
            await response.aread()
        return response


class _NoAnswer(Exception):  # noqa: N818 - it never leaves this module
    """Why none came; CONNECTING when nothing was sent, so that it can be again."""

    def __init__(self, *, reason: str, connecting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.connecting = connecting


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _NoAnswer as error:
        reason = error.reason
    else:
        return
    _give_up(reason)


def _give_up(reason: str) -> NoReturn:
    """Log REASON, which must be free of the record, and raise DbApiUnavailable."""
    structlog.get_logger().warning("db_api_unavailable", reason=reason)
    raise DbApiUnavailable from None


def _identity(content: bytes) -> dict[str, Any]:
    """Return what CONTENT, if it is a patient's summary, says of who that is."""
    try:
        patient = orjson.loads(content)["patient"]
        return {name: patient[name] for name in IDENTITY if name in patient}
    except (ValueError, TypeError, KeyError):
        return {}


def code(response: httpx.Response) -> str:
    """Return the code of the problem that RESPONSE tells, empty when it tells none."""
    try:
        body = response.json()
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


@contextlib.asynccontextmanager
async def connected(settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[DbApi]:
    """Yield a way to the db-api of SETTINGS until the block ends; db-api need not be up. Tests bring a TRANSPORT."""
    base = httpx.URL(str(settings.db_api_base_url))
    token = settings.service_token.get_secret_value() if settings.service_token else None
    # No client around it: what one adds, redirects, cookies and a proxy of the environment, is not wanted here.
    async with transport or httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False) as way:
        yield DbApi(way, base, token, timeout=settings.db_api_timeout_s, retries=settings.db_api_retries)
