"""The known modes and how each one's responder is made."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from service_chat.responders import anthropic, openai
from service_chat.responders.mock import MockResponder
from service_chat.settings import LlmMode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from service_chat.responders.base import Responder
    from service_chat.settings import Settings

    Factory = Callable[[Settings], contextlib.AbstractAsyncContextManager[Responder]]


@contextlib.asynccontextmanager
async def _mock(_: Settings) -> AsyncIterator[Responder]:
    yield MockResponder()


FACTORIES: dict[LlmMode, Factory] = {
    LlmMode.MOCK: _mock,
    LlmMode.OPENAI: openai.opened,
    LlmMode.ANTHROPIC: anthropic.opened,
}
CHECKS: dict[LlmMode, Callable[[Settings], None]] = {
    LlmMode.OPENAI: openai.check,
    LlmMode.ANTHROPIC: anthropic.check,
}


def check(settings: Settings) -> None:
    """Raise Misconfigured when the mode that SETTINGS name lacks a setting or a package."""
    if settings.llm_mode in CHECKS:
        CHECKS[settings.llm_mode](settings)


def opened(settings: Settings) -> contextlib.AbstractAsyncContextManager[Responder]:
    """Return the responder of the mode that SETTINGS name, to be entered for as long as it is asked."""
    return FACTORIES[settings.llm_mode](settings)
