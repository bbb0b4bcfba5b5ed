"""
Nobody is in what either service writes or counts: not a persona's name, birthday, address or number, not a question.

Everything that can happen to a question happens here, to processes as they are
run; what is searched is all they wrote, and all their metrics tell.
"""

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract import crooked, private
from tests.contract.crooked import Crooked, ending, good, saying
from tests.contract.process import Running, db_api, free_port, service

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

MRN, QUERY = private.QUESTIONS[4]
SUMMARY = json.dumps(private.SUMMARIES[MRN]).encode()
ECHO = json.dumps({"code": "x", "detail": f"{MRN}: {QUERY}", **private.SUMMARIES[MRN]}).encode()


def stored(request: bytes) -> bool:
    return request.startswith(b"POST")


def reading(answer: bytes) -> Callable[[socket.socket, bytes], None]:
    """Return a db-api that gives ANSWER to reads and keeps turns."""
    kept = saying(good(b"{}", b"201 Created"))
    return lambda connection, request: (kept if stored(request) else saying(answer))(connection, request)


def keeping(answer: Callable[[socket.socket, bytes], None]) -> Callable[[socket.socket, bytes], None]:
    """Return a db-api that has the record and gives ANSWER to who keeps turns."""
    read = saying(good(SUMMARY))
    return lambda connection, request: (answer if stored(request) else read)(connection, request)


FAULTS: dict[str, tuple[Callable[[socket.socket, bytes], None], set[int]]] = {
    "no JSON": (reading(good(SUMMARY[:-9])), {503}),
    "not the fields that are expected": (
        reading(good(SUMMARY.replace(b'"conditions": [', b'"conditions": [7,'))),
        {503},
    ),
    "another patient": (reading(good(json.dumps(private.SUMMARIES["P000101"]).encode())), {503}),
    "an error that quotes": (reading(good(ECHO, b"500 Oops")), {503}),
    "a refusal that quotes": (reading(good(ECHO, b"403 Forbidden")), {503}),
    "no HTTP": (reading(ECHO), {503}),
    "half an answer": (ending(good(SUMMARY)[:-50]), {503}),
    "silence": (crooked.silent, {503}),
    "turns that are refused with a quotation": (keeping(saying(good(ECHO, b"422 Unprocessable"))), {200}),
    "turns that fail": (keeping(saying(good(ECHO, b"500 Oops"))), {200}),
    "turns that are never answered": (keeping(crooked.silent), {200}),
}


@contextlib.contextmanager
def chat(folder: Path, below: str, package: str = "service_chat", **settings: str) -> Iterator[tuple[Running, str]]:
    """Yield chat-api over the db-api at BELOW, as talkative as it can be, and where its metrics are."""
    port = str(free_port())
    told = {"DB_API_BASE_URL": below, "METRICS_PORT": port, "LOG_LEVEL": "DEBUG", "DB_API_TIMEOUT_S": "0.3"}
    with service(package, folder, {**told, **settings}) as running:
        yield running, f"http://127.0.0.1:{port}/metrics"


def asked(running: Running, mrn: str, query: str, **headers: str) -> httpx.Response:
    """Ask QUERY about MRN."""
    with httpx.Client(trust_env=False, timeout=20) as client:
        return client.post(f"{running.address}/triage", json={"patient_mrn": mrn, "query": query}, headers=headers)


def assert_nobody(text: str) -> None:
    assert text
    assert private.told(text) == []


def test_what_is_searched_for_is_found() -> None:
    """The search finds what it should: a proof that finds nothing anywhere proves nothing."""
    planted = {
        "a line about Tobias": ["Tobias"],
        "born 07/29/1958.": ["07/29/1958"],
        'at "203+Quarry%20Road"': [],
        '"203 quarry road"': ["203 Quarry Road", "Quarry Road"],
        "GET /patients/p000102": ["p000102"],
    }
    for text, found in planted.items():
        assert set(private.told(text)) >= set(found), text
    assert private.told(f"input_value={QUERY!r}")
    assert private.told("request answered with status 200 by db_api, in 12345 ms") == []


def test_questions_answered_and_refused(tmp_path: Path) -> None:
    """All known questions, an unknown patient, and input of every wrong kind."""
    with db_api(tmp_path, METRICS_PORT=str(port := free_port()), LOG_LEVEL="DEBUG") as lower:
        with chat(tmp_path, lower.address, DB_API_TIMEOUT_S="10") as (upper, metrics):
            for mrn, query in private.QUESTIONS:
                assert asked(upper, mrn, query).status_code == 200
            assert asked(upper, *private.UNKNOWN).status_code == 404
            for mrn, query in ((f"{MRN}x", QUERY), (MRN, ""), (MRN, QUERY * 100), (QUERY, MRN)):
                assert asked(upper, mrn, query).status_code == 422
            with httpx.Client(trust_env=False) as client:
                body = {"patient_mrn": MRN, "query": QUERY}
                for path in (f"/triage/{MRN}", f"/{QUERY}", f"/triage?query={QUERY}"):
                    client.post(f"{upper.address}{path}", json={**body, QUERY: MRN})
                client.request(QUERY.split()[0], f"{upper.address}/{MRN}")
                client.post(f"{upper.address}/triage", content=json.dumps(body)[:-2])
                client.post(f"{upper.address}/triage", json=body, headers={"traceparent": MRN, "x-trace-id": QUERY})
                numbers = [client.get(each).text for each in (metrics, f"http://127.0.0.1:{port}/metrics")]
        # Stopped in order, so that what was to be kept is kept, and said.
        assert upper.process.poll() is not None
    for text in (*numbers, upper.output.read_text(), lower.output.read_text()):
        assert_nobody(text)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_db_api(tmp_path: Path, fault: str) -> None:
    """Whatever db-api says, or says no more."""
    answer, statuses = FAULTS[fault]
    with Crooked(answer).running() as below, chat(tmp_path, below.address) as (running, metrics):
        assert {asked(running, MRN, QUERY).status_code for _ in range(7)} == statuses
        numbers = httpx.get(metrics, trust_env=False).text
    assert_nobody(numbers)
    assert_nobody(running.output.read_text())


def test_db_api_away(tmp_path: Path) -> None:
    """Nobody there, again and again, until the breaker opens."""
    with chat(tmp_path, "http://127.0.0.1:1") as (running, metrics):
        assert {asked(running, mrn, query).status_code for mrn, query in private.QUESTIONS} == {503}
        numbers = httpx.get(metrics, trust_env=False).text
    assert "carepath_db_api_breaker_state 2.0" in numbers
    assert_nobody(numbers)
    assert_nobody(running.output.read_text())


def test_an_error_that_nobody_foresaw(tmp_path: Path) -> None:
    """A fault of our own whose text quotes the question and the whole record."""
    with (
        Crooked(keeping(crooked.silent)).running() as below,
        chat(tmp_path, below.address, "tests.contract.broken") as (running, metrics),
    ):
        response = asked(running, MRN, QUERY)
        numbers = httpx.get(metrics, trust_env=False).text
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    for text in (response.text, numbers, running.output.read_text()):
        assert_nobody(text)
    assert [each["error"] for each in running.lines() if each["event"] == "unhandled_error"] == ["RuntimeError"]


MODELS: dict[str, Callable[[socket.socket, bytes], None]] = {
    "silence": crooked.silent,
    "an error that quotes": saying(good(ECHO, b"500 Oops")),
    "a refusal that quotes": saying(good(ECHO, b"400 Bad Request")),
    "an answer that quotes and is none": saying(good(ECHO)),
    "no HTTP": saying(ECHO),
}


@pytest.mark.vendor
@pytest.mark.parametrize("fault", MODELS)
def test_faults_of_the_model(tmp_path: Path, fault: str) -> None:
    """Whatever the model's vendor sends back, to a question and to a stream, to one and to more than can be asked."""
    model = {"LLM_MODE": "openai", "LLM_API_KEY": "a-key", "LLM_MODEL": "m", "LLM_TIMEOUT_S": "0.3"}
    with (
        Crooked(reading(good(SUMMARY))).running() as below,
        Crooked(MODELS[fault]).running() as vendor,
        chat(tmp_path, below.address, LLM_BASE_URL=f"{vendor.address}/v1", LLM_MAX_CONCURRENCY="1", **model) as (
            running,
            metrics,
        ),
    ):
        with ThreadPoolExecutor(6) as pool:
            statuses = {each.status_code for each in pool.map(lambda _: asked(running, MRN, QUERY), range(6))}
        body = {"patient_mrn": MRN, "query": QUERY}
        streamed = httpx.post(f"{running.address}/triage/stream", json=body, trust_env=False, timeout=20)
        numbers = httpx.get(metrics, trust_env=False).text
    assert statuses <= {429, 502, 504}
    assert "event: problem" in streamed.text
    assert_nobody(numbers)
    assert_nobody(running.output.read_text())
