"""Answers put together from the rules and the record: no model, no network, the same words every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_chat import wording
from service_chat.responders.base import Case, Reply
from service_chat.sentences import split

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class MockResponder:
    """Say what the rules say."""

    model = "mock"
    outside = False

    async def respond(self, case: Case) -> Reply:
        return Reply(wording.words(case.assessment))

    async def stream(self, case: Case) -> AsyncGenerator[str]:
        for sentence in split(wording.words(case.assessment)):
            yield sentence
