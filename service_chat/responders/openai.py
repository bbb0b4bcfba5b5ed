"""Words from a model behind the chat completions of OpenAI, or of whoever speaks as it does."""

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
ENDED = frozenset({"stop", "length"})


def check(settings: Settings) -> None:
    """Raise Misconfigured when a setting or the package is missing."""
    vendor.check(settings, "openai")


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[VendorResponder]:
    """Yield the responder over the model that SETTINGS name."""
    check(settings)
    import openai  # noqa: PLC0415 - an extra, there only where it was chosen

    model = settings.llm_model or ""
    async with openai.AsyncOpenAI(**vendor.access(settings)) as client:

        def asked(prompt: Prompt) -> dict[str, Any]:
            messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
            return {"model": model, "messages": messages, "max_completion_tokens": vendor.MAX_TOKENS}

        async def ask(prompt: Prompt) -> str:
            completion = await client.chat.completions.create(**asked(prompt))
            (choice,) = completion.choices
            if choice.finish_reason not in ENDED:
                raise CutOffError
            return choice.message.content or ""

        async def pieces(prompt: Prompt) -> AsyncGenerator[str]:
            ended = False
            async with await client.chat.completions.create(**asked(prompt), stream=True) as chunks:
                async for chunk in chunks:
                    for choice in chunk.choices:
                        if choice.delta.content:
                            yield choice.delta.content
                        if choice.finish_reason is not None:
                            ended = choice.finish_reason in ENDED
            if not ended:
                raise CutOffError

        yield VendorResponder(
            model, settings.llm_timeout_s, settings.context_char_budget, ask, pieces, (openai.APITimeoutError,)
        )
