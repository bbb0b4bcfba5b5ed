"""How db-api is asked: again where that is safe, not at all where it is of no use, never longer than there is time."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import httpx
import pytest

from service_chat.breaker import FAILURES, State
from service_chat.db_api import DbApi
from service_chat.errors import DbApiUnavailable, DeadlineExceeded, PatientNotFound
from service_kit import deadline
from tests.unit.service_chat.served import SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.anyio
MRN = "P000102"
GOOD = httpx.Response(200, json=SUMMARIES[MRN])
REFUSED, LATE, CUT = httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.RemoteProtocolError("x")


class Slow(Random):
    """Draws pauses that nobody has time for."""

    def uniform(self, a: float, b: float) -> float:
        return 3600.0 * (a + b)


@dataclass
class Answers:
    """Gives these answers in turn, the last one over and over; None never comes."""

    answers: Sequence[httpx.Response | Exception | None]
    asked: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if found is None:
            await asyncio.sleep(3600)
        if isinstance(found, Exception):
            raise found
        assert found is not None
        return httpx.Response(found.status_code, content=found.content)


def way(*answers: httpx.Response | Exception | None, retries: int = 1, timeout: float = 5.0) -> tuple[DbApi, Answers]:
    """Return a way to a db-api that gives ANSWERS, and what it was asked."""
    found = Answers(answers)
    transport = httpx.MockTransport(found)
    return DbApi(transport, httpx.URL("http://db-api/base/"), "a-token", timeout=timeout, retries=retries), found


@pytest.mark.parametrize("fault", [REFUSED, LATE])
async def test_a_read_that_did_not_connect_is_tried_again(fault: Exception) -> None:
    """A pod that has just gone costs a moment and no answer."""
    db_api, asked = way(fault, GOOD)

    record = await db_api.record(MRN)

    assert record.patient.mrn == MRN
    assert len(asked.asked) == 2


@pytest.mark.parametrize("retries", [0, 1, 3])
async def test_it_is_tried_as_often_as_is_set_and_no_more(retries: int) -> None:
    """The last failure is told."""
    db_api, asked = way(REFUSED, retries=retries)

    with pytest.raises(DbApiUnavailable):
        await db_api.record(MRN)

    assert len(asked.asked) == retries + 1


@pytest.mark.parametrize("fault", [CUT, httpx.ReadError("x"), httpx.Response(503), httpx.Response(500)])
async def test_what_db_api_may_have_begun_is_not_tried_again(fault: httpx.Response | Exception) -> None:
    """It has enough to do as it is."""
    db_api, asked = way(fault, GOOD)

    with pytest.raises(DbApiUnavailable):
        await db_api.record(MRN)

    assert len(asked.asked) == 1


async def test_without_time_there_is_no_other_try() -> None:
    """The deadline counts for the pauses as well, and where nothing is left of it db-api is not asked at all."""
    db_api, asked = way(REFUSED, GOOD)
    db_api._random = Slow()

    with deadline.within(60.0), pytest.raises(DbApiUnavailable):
        await db_api.record(MRN)
    assert len(asked.asked) == 1

    with deadline.within(0.0), pytest.raises(DeadlineExceeded):
        await db_api.record(MRN)
    assert len(asked.asked) == 1


async def test_db_api_is_told_how_long_and_by_whom() -> None:
    """What is left of the request's time, its token, and below the address' own path."""
    db_api, asked = way(GOOD)

    with deadline.within(1.0):
        await db_api.record(MRN)

    (request,) = asked.asked
    assert 500 < int(request.headers[deadline.HEADER]) <= 1000
    assert request.headers["authorization"] == "Bearer a-token"
    assert str(request.url) == f"http://db-api/base/patients/{MRN}/summary"


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    """Neither beyond db-api's own time nor beyond the request's."""
    for seconds, timeout, told in ((60.0, 0.02, DbApiUnavailable), (0.02, 60.0, DeadlineExceeded)):
        db_api, _ = way(None, timeout=timeout)
        with deadline.within(seconds), pytest.raises(told):
            async with asyncio.timeout(10):
                await db_api.record(MRN)


@pytest.mark.parametrize(
    "fault", [None, httpx.ReadTimeout("x"), httpx.Response(504, json={"code": "deadline_exceeded"})]
)
async def test_a_hasty_caller_opens_no_breaker(fault: httpx.Response | Exception | None) -> None:
    """Who had no time learns nothing of db-api, reads that it was the time, and keeps nobody else from asking."""
    db_api, _ = way(fault, timeout=60.0)
    for _ in range(FAILURES * 2):
        with deadline.within(0.01 if fault is None else 30.0), pytest.raises(DeadlineExceeded):
            await db_api.record(MRN)

    assert db_api.breaker.state == State.CLOSED


@pytest.mark.parametrize("fault", [REFUSED, CUT, httpx.Response(503), None])
async def test_after_so_many_failures_nobody_asks(fault: httpx.Response | Exception | None) -> None:
    """Each is answered at once then, until one that tries gets an answer."""
    db_api, asked = way(*[fault] * FAILURES, GOOD, retries=0, timeout=0.01)
    for _ in range(FAILURES + 3):
        with pytest.raises(DbApiUnavailable):
            await db_api.record(MRN)

    assert (len(asked.asked), db_api.breaker.state) == (FAILURES, State.OPEN)
    db_api.breaker._pause = 0.0
    await db_api.record(MRN)
    assert db_api.breaker.state == State.CLOSED


async def test_a_db_api_that_takes_all_of_its_own_time_has_failed() -> None:
    """Where the request has time left, db-api's own word that its time is over is a failure of db-api's."""
    db_api, _ = way(httpx.Response(504, json={"code": "deadline_exceeded"}))
    for _ in range(FAILURES):
        with deadline.within(60.0), pytest.raises(DbApiUnavailable):
            await db_api.record(MRN)

    assert db_api.breaker.state == State.OPEN


async def test_questions_and_turns_fail_together() -> None:
    """Whatever asks db-api counts for all that do, one after the other."""
    db_api, asked = way(CUT)
    for number in range(FAILURES):
        with pytest.raises(DbApiUnavailable):
            await (db_api.store("/turns", b"{}") if number % 2 else db_api.record(MRN))

    assert (len(asked.asked), db_api.breaker.state) == (FAILURES, State.OPEN)


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, json={"code": "patient_not_found"}), httpx.Response(404), httpx.Response(200)]
)
async def test_an_answer_of_any_kind_is_no_failure_of_the_way(answer: httpx.Response) -> None:
    """Unknown patients, however many, cut nobody off."""
    db_api, asked = way(answer)
    for _ in range(FAILURES * 2):
        with contextlib.suppress(DbApiUnavailable, PatientNotFound):
            await db_api.record(MRN)

    assert len(asked.asked) == FAILURES * 2


async def test_a_probe_asks_whatever_the_breaker_says() -> None:
    """Readiness is to be known when db-api is back, and nobody else may be asking."""
    db_api, _ = way(*[REFUSED] * FAILURES, httpx.Response(200), retries=0)
    for _ in range(FAILURES):
        with pytest.raises(DbApiUnavailable):
            await db_api.record(MRN)

    await db_api.ready(1.0)

    assert db_api.breaker.state == State.OPEN


async def test_a_question_that_was_taken_back_leaves_the_breaker_as_it_is() -> None:
    """A caller who leaves while trying whether it may close lets the next one try."""
    db_api, _ = way(*[REFUSED] * FAILURES, None, GOOD, retries=0)
    db_api.breaker._pause = 0.0
    for _ in range(FAILURES):
        with pytest.raises(DbApiUnavailable):
            await db_api.record(MRN)
    task = asyncio.create_task(db_api.record(MRN))
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await db_api.record(MRN)

    assert db_api.breaker.state == State.CLOSED
