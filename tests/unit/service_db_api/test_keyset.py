"""Places in lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st

from service_db_api.store import keyset
from service_db_api.store.schema import CLAIMS, COLLECTIONS, DOCUMENTS, ENCOUNTERS, PATIENTS
from tests.unit.service_kit.examples import EXAMPLES, hold, texts

MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001 - as the database answers them
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
IDS = st.builds("{}-{}".format, st.sampled_from(("ENC", "DOC", "CLM")), st.integers(0, 10**8 - 1))


@pytest.mark.parametrize(
    "text", ["", "=", "!", "é", "AAAA", "bnVsbA", "e30", "W10", "WzFd", "WyJFTkMtMSJd", "WzEsMl0", "WzEsIkVOQyAxIl0"]
)
def test_what_tells_no_place_is_refused(text: str) -> None:
    """Neither broken text nor values of another kind become part of a question."""
    with pytest.raises(keyset.NoPlace):
        keyset.read(ENCOUNTERS.listed, text)


@EXAMPLES
def test_any_text_is_a_place_or_none(examples: int) -> None:
    """Whatever is sent, it is refused or it is values of the right kinds."""

    def check(text: str) -> None:
        try:
            found = keyset.read(CLAIMS.listed, text)
        except keyset.NoPlace:
            return
        assert all(isinstance(value, str) for value in found)

    hold(examples, check, text=texts(examples, 60))


@EXAMPLES
def test_a_place_comes_back(examples: int) -> None:
    """What a link holds is where its row stands, to the millisecond, and no row comes after itself."""

    def check(moment: datetime, name: str) -> None:
        row = {"metadata": {"created_at": moment}, "doc_id": name}

        values = keyset.read(DOCUMENTS.listed, keyset.place(DOCUMENTS.listed, row))

        assert values == (moment, name)
        assert not keyset.beyond(DOCUMENTS.listed, row, values)

    hold(examples, check, moment=MOMENTS, name=IDS)


@EXAMPLES
def test_of_two_records_one_comes_after_the_other(examples: int) -> None:
    """The order has no ties, because ids are unique."""

    def check(one: tuple[datetime, str], other: tuple[datetime, str]) -> None:
        rows = [{"start": moment, "encounter_id": name} for moment, name in (one, other)]
        after = [
            keyset.beyond(ENCOUNTERS.listed, rows[0], other),
            keyset.beyond(ENCOUNTERS.listed, rows[1], one),
        ]

        assert sum(after) == (one != other)

    places = st.tuples(MOMENTS, IDS)
    hold(examples, check, one=places, other=places)


def test_every_list_ends_with_its_key() -> None:
    """A record's key makes its place its own, and an index serves each order."""
    for each in COLLECTIONS:
        assert each.listed[-1][0] == each.key
        assert each.listed in each.orders or len(each.listed) == 1


def test_a_question_goes_on_from_a_place() -> None:
    """Filters stay, days and ids are compared exactly."""
    day = ("2025-01-02", "CLM-2025-0001")

    assert keyset.after(PATIENTS.listed, {}, ("P000101",)) == {"mrn": {"$gt": "P000101"}}
    assert keyset.after(CLAIMS.listed, {"patient_mrn": "P000101"}, day) == {
        "$or": [
            {"patient_mrn": "P000101", "service_date": {"$lt": "2025-01-02"}},
            {"patient_mrn": "P000101", "service_date": "2025-01-02", "claim_id": {"$gt": "CLM-2025-0001"}},
        ]
    }
    at = datetime(2025, 1, 2, tzinfo=UTC)
    assert keyset.after(ENCOUNTERS.listed, {}, (at, "ENC-1")) == {"start": {"$lte": at}}
