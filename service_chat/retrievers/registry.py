"""The known modes and how each one's retriever is made."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from service_chat.retrievers import pinecone
from service_chat.retrievers.mock import MockRetriever
from service_chat.settings import VectorMode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from service_chat.retrievers.base import Retriever
    from service_chat.settings import Settings

    Factory = Callable[[Settings], contextlib.AbstractAsyncContextManager[Retriever]]


@contextlib.asynccontextmanager
async def _mock(settings: Settings) -> AsyncIterator[Retriever]:
    yield MockRetriever(settings.rag_min_score)


FACTORIES: dict[VectorMode, Factory] = {VectorMode.MOCK: _mock, VectorMode.PINECONE: pinecone.opened}


def check(settings: Settings) -> None:
    """Raise Misconfigured when the mode that SETTINGS name lacks a setting or a package."""
    if settings.vector_mode is VectorMode.PINECONE:
        pinecone.check(settings)


def opened(settings: Settings) -> contextlib.AbstractAsyncContextManager[Retriever]:
    """Return the retriever of the mode that SETTINGS name, to be entered for as long as it is asked."""
    return FACTORIES[settings.vector_mode](settings)
