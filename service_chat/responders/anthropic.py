"""Words from a model behind the messages of Anthropic."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from service_chat.responders import vendor
from service_chat.responders.vendor import CutOffError, VendorResponder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from typing import Any

    from service_chat.prompt import Prompt
    from service_chat.settings import Settings

# How an answer ends that was said as far as it goes.
ENDED = frozenset({"end_turn", "max_tokens", "stop_sequence"})


def check(settings: Settings) -> None:
    """Raise Misconfigured when a setting or the package is missing."""
    vendor.check(settings, "anthropic")


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[VendorResponder]:
    """Yield the responder over the model that SETTINGS name."""
    check(settings)
    import anthropic  # noqa: PLC0415 - an extra, there only where it was chosen

    model = settings.llm_model or ""
    async with anthropic.AsyncAnthropic(**vendor.access(settings)) as client:

        def asked(prompt: Prompt) -> dict[str, Any]:
            messages = [{"role": "user", "content": prompt.user}]
            return {"model": model, "max_tokens": vendor.MAX_TOKENS, "system": prompt.system, "messages": messages}

        async def ask(prompt: Prompt) -> str:
            message = await client.messages.create(**asked(prompt))
            if message.stop_reason not in ENDED:
                raise CutOffError
            return "".join(block.text for block in message.content if block.type == "text")

        async def pieces(prompt: Prompt) -> AsyncGenerator[str]:
            ended = False
            async with await client.messages.create(**asked(prompt), stream=True) as events:
                async for event in events:
                    if event.type == "content_block_delta" and event.delta.type == "text_delta":
                        yield event.delta.text
                    elif event.type == "message_delta":
                        ended = event.delta.stop_reason in ENDED
            if not ended:
                raise CutOffError

        yield VendorResponder(
            model, settings.llm_timeout_s, settings.context_char_budget, ask, pieces, (anthropic.APITimeoutError,)
        )
