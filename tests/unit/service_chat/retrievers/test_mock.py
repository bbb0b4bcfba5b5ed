"""Passages out of the record itself."""

from __future__ import annotations

import pytest

from service_chat.records import Record
from service_chat.retrievers.mock import LONGEST, MockRetriever, counted, nearness, words
from tests.unit.service_chat.served import SUMMARIES, record

pytestmark = pytest.mark.anyio
FALL = "after a fall with a blow to the head, apixaban"


async def test_nothing_alike_is_nothing_found() -> None:
    """A question that shares no word with a document finds none, whatever places their words fall on."""
    assert await MockRetriever(0).search("umbrella piano zeppelin", record("P000102"), 3) == []
    assert await MockRetriever(0).search("", record("P000102"), 3) == []
    assert await MockRetriever(0.1).search(FALL, record("P000108"), 3) == []


async def test_another_patients_documents_are_not_looked_at() -> None:
    """Even if db-api handed out somebody else's document, it is not cited."""
    mixed = {**SUMMARIES["P000102"], "documents": SUMMARIES["P000101"]["documents"]}

    assert await MockRetriever(0).search("diabetes glipizide", Record.model_validate(mixed), 3) == []
    assert await MockRetriever(0).search("diabetes glipizide", record("P000101"), 3)


async def test_a_passage_tells_where_the_document_comes_nearest() -> None:
    """The sentence about falls is quoted, and its document comes first."""
    first, *others = await MockRetriever(0.1).search(FALL, record("P000102"), 3)

    assert first.doc_id == "DOC-CAREPLAN-P000102-2025"
    assert "blow to the head" in first.text
    assert 1 >= first.score >= max((each.score for each in others), default=0) >= 0.1
    assert len(first.text) <= LONGEST + 2


@pytest.mark.parametrize("k", [1, 2, 3])
async def test_there_are_no_more_than_asked_for(k: int) -> None:
    """K bounds what is found, one passage a document."""
    found = await MockRetriever(0).search(FALL, record("P000102"), k)

    assert len({each.doc_id for each in found}) == len(found) <= k


async def test_what_is_too_far_is_left_out() -> None:
    """Nothing below the least score comes back."""
    assert await MockRetriever(0.99).search(FALL, record("P000102"), 3) == []


async def test_the_order_of_documents_does_not_count() -> None:
    """Of two alike the one whose id comes first is first."""
    told = SUMMARIES["P000105"]
    backwards = Record.model_validate({**told, "documents": told["documents"][::-1]})

    assert await MockRetriever(0).search("pregnancy", backwards, 3) == await MockRetriever(0).search(
        "pregnancy", record("P000105"), 3
    )


def test_nearness_is_a_cosine() -> None:
    """One text is as near to itself as can be, and nothing is near to nothing."""
    text = counted(words("blow to the head"))

    assert nearness(text, text) == pytest.approx(1)
    assert nearness(text, {}) == 0
