"""
Passages out of a Pinecone index that embeds text itself.

Each record of the index has the fields `patient_mrn`, `doc_id`, `title` and
`text`. A search asks for one patient's only, and what comes back of anybody
else's is dropped all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from service_chat import demands
from service_chat.retrievers.base import Passage, RetrievalError
from service_kit import deadline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from service_chat.records import Record
    from service_chat.settings import Settings

NAMESPACE = "__default__"
FIELDS = ("patient_mrn", "doc_id", "title", "text")
# Seconds, for all that the SDK tries again by itself too: an answer without passages is better than a late one.
PATIENCE = 3.0
LONGEST = 300


class PineconeRetriever:
    """Finds in INDEX what is at least MIN_SCORE near, 0 to 1."""

    outside = True

    def __init__(self, index: Any, min_score: float) -> None:
        self._index = index
        self._min_score = min_score

    async def search(self, query: str, record: Record, k: int) -> list[Passage]:
        """Return at most K passages, one a document; raise RetrievalError when the index cannot be asked."""
        mrn = record.patient.mrn
        patience = deadline.remaining(PATIENCE)
        try:
            async with asyncio.timeout(patience):
                response = await self._index.search(
                    namespace=NAMESPACE,
                    top_k=k,
                    inputs={"text": query},
                    filter={"patient_mrn": {"$eq": mrn}},
                    fields=list(FIELDS),
                    timeout=max(patience, 0.001),
                )
            hits = [_passage(each.score, dict(each.fields)) for each in response.result.hits if _owner(each) == mrn]
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises, its text may quote the question
            raise RetrievalError(type(error).__name__) from None
        best: dict[str, Passage] = {}
        for each in sorted(hits, key=lambda each: (-each.score, each.doc_id)):
            if each.score >= self._min_score:
                best.setdefault(each.doc_id, each)
        return list(best.values())[:k]


def _owner(hit: Any) -> object:
    return hit.fields.get("patient_mrn")


def _passage(score: float, fields: dict[str, Any]) -> Passage:
    text = str(fields["text"])
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
    return Passage(str(fields["doc_id"]), str(fields["title"]), text, round(min(1.0, max(0.0, float(score))), 3))


def check(settings: Settings) -> None:
    """Raise Misconfigured unless the index can be asked as far as SETTINGS and what is installed tell."""
    demands.settings(settings, "VECTOR_MODE", settings.vector_mode, "pinecone_api_key")
    demands.package("pinecone", "VECTOR_MODE", settings.vector_mode)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[PineconeRetriever]:
    """Yield the retriever over the index that SETTINGS name."""
    check(settings)
    from pinecone import AsyncPinecone  # noqa: PLC0415 - an extra, there only where it was chosen

    key = settings.pinecone_api_key
    assert key is not None  # noqa: S101 - `check` has seen it
    host = str(settings.pinecone_host or "").rstrip("/")
    async with AsyncPinecone(key.get_secret_value(), timeout=PATIENCE) as client:
        try:
            index = await client.index(name="" if host else settings.pinecone_index_name, host=host)
        except Exception as error:  # noqa: BLE001 - the SDK's errors have no base that is promised
            demands.refuse(
                f"PINECONE_INDEX_NAME {settings.pinecone_index_name!r} cannot be opened ({type(error).__name__}): "
                "check PINECONE_API_KEY, or set PINECONE_HOST."
            )
        async with index:
            yield PineconeRetriever(index, settings.rag_min_score)
