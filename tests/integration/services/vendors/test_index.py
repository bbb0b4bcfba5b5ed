"""The Pinecone index over a real socket and the real SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import structlog

from service_chat.retrievers import pinecone
from service_chat.retrievers.base import RetrievalError
from service_chat.retrievers.registry import opened
from service_chat.settings import Settings
from tests.unit.service_chat.served import record, serve

if TYPE_CHECKING:
    from tests.integration.services.vendors.vendor import Vendor

pytestmark = [pytest.mark.anyio, pytest.mark.vendor]
MRN, QUERY = "P000102", "I slipped and hit my head, there is a bump but I feel fine."


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a failing index, which the SDK asks again and again, less time than an answer has for it."""
    monkeypatch.setattr(pinecone, "PATIENCE", 0.5)


def _hit(number: int, score: float, **fields: Any) -> dict[str, Any]:
    told = {"patient_mrn": MRN, "doc_id": f"DOC-{number}", "title": f"Note {number}", "text": "About falls."}
    return {"_id": f"r{number}", "_score": score, "fields": told | fields}


def _settings(vendor: Vendor, **more: Any) -> dict[str, Any]:
    return {"vector_mode": "pinecone", "pinecone_api_key": "hunter2-key", "pinecone_host": vendor.url} | more


async def _found(vendor: Vendor, k: int = 3) -> list[tuple[str, float]]:
    async with opened(Settings.model_validate(_settings(vendor))) as retriever:
        return [(each.doc_id, each.score) for each in await retriever.search(QUERY, record(MRN), k)]


@pytest.mark.parametrize("manner", [401, 429, 500, "malformed", "another form", "hang"])
async def test_a_fault_says_nothing_of_the_question(vendor: Vendor, manner: str | int) -> None:
    """Whatever fails, it is one error whose text is free of what was asked; silence ends by the time-out."""
    vendor.manner = manner

    with pytest.raises(RetrievalError) as caught:
        await _found(vendor)

    assert "slipped" not in str(caught.value)
    assert manner != "hang" or "Timeout" in str(caught.value)


@pytest.mark.parametrize("manner", [500, "malformed"])
async def test_an_answer_does_without(vendor: Vendor, manner: str | int) -> None:
    """Without the index there are no citations, and the answer stands."""
    vendor.manner = manner

    async with serve(**_settings(vendor)) as served:
        with structlog.testing.capture_logs() as lines:
            response = await served.triage(MRN, QUERY)

    assert response.status_code == 200
    assert (response.json()["urgency"], response.json()["citations"]) == ("urgent", [])
    assert [each["event"] for each in lines if each["log_level"] == "warning"] == ["retrieval_failed"]
    assert "slipped" not in str(lines)


async def test_another_patients_passages_are_dropped(vendor: Vendor) -> None:
    """The search asks for one patient, and what an index hands out besides is not told."""
    vendor.hits = [_hit(1, 0.9, patient_mrn="P000101"), _hit(2, 0.8), _hit(3, 0.7, patient_mrn=None)]

    assert await _found(vendor) == [("DOC-2", 0.8)]
    (asked,) = vendor.asked
    assert {"patient_mrn": {"$eq": MRN}} in (asked.get("filter"), asked.get("query", {}).get("filter"))


async def test_what_is_found_is_bounded_and_in_order(vendor: Vendor) -> None:
    """The nearest first, of two alike the one whose id comes first, each document once, none too far."""
    vendor.hits = [_hit(3, 0.5), _hit(2, 0.5), _hit(2, 0.4), _hit(1, 0.05), _hit(4, 1.7)]

    assert await _found(vendor) == [("DOC-4", 1.0), ("DOC-2", 0.5), ("DOC-3", 0.5)]
    assert await _found(vendor, 1) == [("DOC-4", 1.0)]


async def test_citations_come_from_the_index(vendor: Vendor) -> None:
    """The answer cites what was found, and the vendor is not told who asks."""
    vendor.hits = [_hit(1, 0.9)]

    async with serve(**_settings(vendor)) as served:
        body = (await served.triage(MRN, f"I am Tobias Renn. {QUERY}")).json()

    assert body["citations"] == [{"doc_id": "DOC-1", "title": "Note 1", "score": 0.9, "passage": "About falls."}]
    assert (body["retrieval"]["mode"], body["retrieval"]["top_k"]) == ("pinecone", 3)
    assert "Tobias" not in str(vendor.asked)
