"""What the models of all vendors have in common: how long they may take, and what their faults are called here."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from service_chat import demands, prompt
from service_chat.errors import LlmError, LlmTimeout
from service_chat.responders.base import Case, Reply
from service_kit import deadline

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
    from typing import Any

    from service_chat.prompt import Prompt
    from service_chat.settings import Settings

MAX_TOKENS = 400


class NothingSaidError(Exception):
    """The model answered without a word."""


class CutOffError(Exception):
    """The model was kept from ending its answer, or the connection was."""


@dataclass(frozen=True)
class VendorResponder:
    """
    Words from a MODEL that is asked outside.

    ASK returns its words for a prompt, PIECES yields them as they come. Both
    may raise whatever their SDK does; TIMED_OUT are the errors that mean late.
    TIMEOUT is in seconds and for the whole of an answer, BUDGET in characters.
    """

    model: str
    timeout: float
    budget: int
    ask: Callable[[Prompt], Coroutine[Any, Any, str]]
    pieces: Callable[[Prompt], AsyncGenerator[str]]
    timed_out: tuple[type[Exception], ...] = ()
    outside: bool = True

    async def respond(self, case: Case) -> Reply:
        with self._told():
            async with asyncio.timeout(deadline.remaining(self.timeout)):
                text = (await self.ask(self._prompt(case))).strip()
            if not text:
                raise NothingSaidError
        return Reply(text)

    async def stream(self, case: Case) -> AsyncGenerator[str]:
        said = False
        end = asyncio.get_running_loop().time() + deadline.remaining(self.timeout)
        with self._told():
            async with contextlib.aclosing(self.pieces(self._prompt(case))) as pieces:
                while True:
                    # Not around the loop: what is done with a piece must not count, nor be cancelled.
                    async with asyncio.timeout_at(end):
                        piece = await anext(pieces, None)
                    if piece is None:
                        break
                    said = said or bool(piece.strip())
                    yield piece
            if not said:
                raise NothingSaidError

    def _prompt(self, case: Case) -> Prompt:
        return prompt.build(case, self.budget, datetime.now(UTC).year)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        late: tuple[type[Exception], ...] = (TimeoutError, *self.timed_out)
        try:
            yield
        except late as error:
            structlog.get_logger().warning("llm_timeout", reason=type(error).__name__)
            raise LlmTimeout from None
        except Exception as error:  # noqa: BLE001 - whatever an SDK raises, its text may quote the prompt
            structlog.get_logger().warning("llm_error", reason=type(error).__name__)
            raise LlmError from None


def check(settings: Settings, package: str) -> None:
    """Raise Misconfigured unless the model can be asked as far as SETTINGS and what is installed tell."""
    demands.settings(settings, "LLM_MODE", settings.llm_mode, "llm_api_key", "llm_model")
    demands.package(package, "LLM_MODE", settings.llm_mode)


def access(settings: Settings) -> dict[str, Any]:
    """Return what the client of any vendor is made with; only we try again, and we do not."""
    key = settings.llm_api_key
    assert key is not None  # noqa: S101 - `check` has seen it
    found: dict[str, Any] = {"api_key": key.get_secret_value(), "max_retries": 0, "timeout": settings.llm_timeout_s}
    if settings.llm_base_url is not None:
        found["base_url"] = str(settings.llm_base_url).rstrip("/")
    return found
