"""
A fault at each hop of a question, over real sockets: what the caller is answered, and when.

Run with `-rP` or watch it: each test prints its row of the table.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract import private
from tests.contract.asking import until
from tests.contract.crooked import Crooked, ending, good, saying, silent
from tests.contract.process import Running, database_process, db_api, free_port, service

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Answer = Callable[[socket.socket, bytes], None]

MRN, QUERY = private.QUESTIONS[4]
SUMMARY = good(json.dumps(private.SUMMARIES[MRN]).encode())
# Seconds: what a hop may take here, what a question may, and what a busy machine adds.
HOP, DEADLINE, SLACK = 0.5, 2.0, 1.0
PROBLEM = good(b'{"code": "patient_not_found"}', b"404 Not Found")
# As a vendor of models speaks.
CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}


@dataclass(frozen=True)
class Told:
    """What a question was answered, and after how many seconds."""

    status: int
    code: str
    retry_after: str | None
    seconds: float


@contextlib.contextmanager
def chat(folder: Path, below: str, **settings: str) -> Iterator[Running]:
    """Yield chat-api over the db-api at BELOW, in a hurry."""
    hurry = {"DB_API_TIMEOUT_S": str(HOP), "LLM_TIMEOUT_S": str(HOP), "REQUEST_DEADLINE_S": str(DEADLINE)}
    with service("service_chat", folder, {"DB_API_BASE_URL": below, **hurry, **settings}) as running:
        yield running


def ask(running: Running, mrn: str = MRN, query: str = QUERY, **headers: str) -> Told:
    """Ask RUNNING about MRN; each answer has a trace id, and a problem's body the same one."""
    started = time.monotonic()
    with httpx.Client(trust_env=False, timeout=30) as client:
        body = {"patient_mrn": mrn, "query": query}
        response = client.post(f"{running.address}/triage", json=body, headers=headers)
    seconds = time.monotonic() - started
    told = response.json()
    assert told["trace_id"] == response.headers["x-trace-id"]
    assert private.told(response.text if response.status_code != 200 else "-") == []
    return Told(response.status_code, told.get("code", "-"), response.headers.get("retry-after"), seconds)


@pytest.fixture
def row(capsys: pytest.CaptureFixture[str]) -> Callable[[str, Told], None]:
    """Return what prints a row of the table."""

    def printed(fault: str, told: Told) -> None:
        with capsys.disabled():
            after = f"Retry-After {told.retry_after}" if told.retry_after else ""
            sys.stdout.write(f"\n| {fault:<44} | {told.status} {told.code:<20} | {told.seconds:5.2f} s | {after}")

    return printed


def dripping(connection: socket.socket, _: bytes) -> None:
    for index in range(len(SUMMARY)):
        connection.sendall(SUMMARY[index : index + 1])
        time.sleep(0.05)


def reset(connection: socket.socket, _: bytes) -> None:
    connection.close()


READS: dict[str, tuple[Answer, int, str, float]] = {
    "db-api: silent": (silent, 503, "db_api_unavailable", HOP),
    "db-api: a byte now and then": (dripping, 503, "db_api_unavailable", HOP),
    "db-api: closes without a word": (reset, 503, "db_api_unavailable", 0),
    "db-api: half an answer, half-closed": (ending(SUMMARY[:-40]), 503, "db_api_unavailable", 0),
    "db-api: no HTTP": (saying(b"\x00\x01SSH-2.0\r\n\r\n"), 503, "db_api_unavailable", 0),
    "db-api: 200, no JSON": (saying(good(b"<html>")), 503, "db_api_unavailable", 0),
    "db-api: 200, another patient": (
        saying(good(json.dumps(private.SUMMARIES["P000101"]).encode())),
        503,
        "db_api_unavailable",
        0,
    ),
    "db-api: 500": (saying(good(b"{}", b"500 Oops")), 503, "db_api_unavailable", 0),
    "db-api: 503": (saying(good(b"{}", b"503 Busy")), 503, "db_api_unavailable", 0),
    "db-api: 401": (saying(good(b"{}", b"401 Who")), 503, "db_api_unavailable", 0),
    "db-api: a redirect": (saying(good(b"", b"307 There", b"Location: /\r\n")), 503, "db_api_unavailable", 0),
    "db-api: somebody else's 404": (saying(good(b"{}", b"404 Not Found")), 503, "db_api_unavailable", 0),
    "db-api: 404 patient_not_found": (saying(PROBLEM), 404, "patient_not_found", 0),
}


@pytest.mark.parametrize("fault", READS)
def test_db_api_at_fault(tmp_path: Path, fault: str, row: Callable[[str, Told], None]) -> None:
    """No record, no answer; only db-api's own word makes a patient unknown; never later than db-api may take."""
    answer, status, code, seconds = READS[fault]
    with Crooked(answer).running() as below, chat(tmp_path, below.address) as running:
        told = ask(running)
        row(fault, told)
        probes = [httpx.get(f"{running.address}/health{each}", trust_env=False) for each in ("", "?check=ready")]

    assert (told.status, told.code) == (status, code)
    assert told.retry_after == ("2" if status == 503 else None)
    assert told.seconds < seconds + SLACK
    # What answers a probe with 200 is ready as far as anybody can tell.
    assert [each.status_code for each in probes] == [200, 200 if ": 200" in fault else 503]


def test_nobody_at_db_api(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """Told at once, and after some such answers without even asking."""
    with chat(tmp_path, "http://127.0.0.1:1") as running:
        told = [ask(running) for _ in range(8)]
        row("db-api: nobody listens", told[0])
        reasons = [each["reason"] for each in running.lines() if each["event"] == "db_api_unavailable"]

    assert {(each.status, each.code, each.retry_after) for each in told} == {(503, "db_api_unavailable", "2")}
    assert max(each.seconds for each in told) < SLACK
    assert "the breaker is open" in reasons


def test_an_open_breaker_answers_at_once(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """Nobody waits for what five before have waited for in vain; one tries from time to time, and it goes on."""
    with Crooked(silent).running() as below, chat(tmp_path, below.address) as running:
        for _ in range(5):
            ask(running)
        asked = len(below.asked)
        told = ask(running)
        row("db-api: silent, breaker open", told)
        assert len(below.asked) == asked
        below.answer = saying(SUMMARY)
        started = time.monotonic()
        until(lambda: ask(running).status == 200, 10)
        row(f"db-api: answers again (after {time.monotonic() - started:.1f} s)", ask(running))

    assert (told.status, told.code) == (503, "db_api_unavailable")
    assert told.seconds < HOP


def test_db_api_killed_under_way(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """The process goes in the midst of an answer, and the caller does not wait for it."""
    with Crooked(silent).running() as below, chat(tmp_path, below.address, DB_API_TIMEOUT_S="15") as running:
        found: list[Told] = []
        thread = threading.Thread(target=lambda: found.append(ask(running)))
        thread.start()
        until(lambda: bool(below.asked), 10)
        started = time.monotonic()
        below.connections[0].shutdown(2)
        thread.join(20)
        seconds = time.monotonic() - started
        row("db-api: killed in the midst of an answer", found[0])

    assert (found[0].status, found[0].code) == (503, "db_api_unavailable")
    assert seconds < SLACK


def test_the_database_killed(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """Two hops away, the caller is answered within its deadline all the same."""
    with db_api(tmp_path) as lower, chat(tmp_path, lower.address) as running:
        os.kill(database_process(lower), signal.SIGKILL)
        told = ask(running)
        row("database: killed", told)

    assert (told.status, told.code, told.retry_after) == (503, "db_api_unavailable", "2")
    assert told.seconds < HOP + SLACK


def test_a_caller_in_a_hurry(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """What the caller gives for an answer bounds each hop, and db-api is told of it."""
    with Crooked(silent).running() as below, chat(tmp_path, below.address, DB_API_TIMEOUT_S="15") as running:
        told = ask(running, **{"X-Request-Timeout-Ms": "200"})
        row("db-api: silent, caller gives 0.2 s", told)
        request = below.asked[0]

    assert (told.status, told.code, told.retry_after) == (504, "deadline_exceeded", None)
    assert told.seconds < 0.2 + SLACK
    given = request.lower().partition(b"x-request-timeout-ms: ")[2].partition(b"\r\n")[0]
    assert 0 < int(given) <= 200


STORING: dict[str, Answer] = {
    "storing: nobody answers": silent,
    "storing: 500": saying(good(b"{}", b"500 Oops")),
    "storing: 422": saying(good(b'{"code": "invalid_input"}', b"422 No")),
    "storing: closes without a word": reset,
}


@pytest.mark.parametrize("fault", STORING)
def test_storing_at_fault(tmp_path: Path, fault: str, row: Callable[[str, Told], None]) -> None:
    """No answer waits for what becomes of it, and stopping waits no longer than it may; what is lost is said."""

    def answer(connection: socket.socket, request: bytes) -> None:
        (STORING[fault] if request.startswith(b"POST") else saying(SUMMARY))(connection, request)

    port = free_port()
    with Crooked(answer).running() as below, chat(tmp_path, below.address, METRICS_PORT=str(port)) as running:
        told = ask(running)
        row(fault, told)
        numbers = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        started = time.monotonic()
        running.stop()
        seconds = time.monotonic() - started

    assert told.status == 200
    assert told.seconds < SLACK
    assert seconds < 5 + SLACK
    assert "carepath_turns_kept_total 0.0" in numbers
    events = {each["event"] for each in running.lines()}
    assert events & {"turns_lost", "turn_refused"}


def completion(content: str) -> bytes:
    """Return what a model says, as its vendor puts it."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    return good(json.dumps({**CHAT, "choices": [choice]}).encode())


MODELS: dict[str, tuple[Answer, int, str, float]] = {
    "model: hangs": (silent, 504, "llm_timeout", HOP),
    "model: 500": (saying(good(b'{"error": {"message": "x"}}', b"500 Oops")), 502, "llm_error", 0),
    "model: 401": (saying(good(b'{"error": {"message": "x"}}', b"401 Who")), 502, "llm_error", 0),
    "model: no HTTP": (saying(b"\x00SSH-2.0\r\n\r\n"), 502, "llm_error", 0),
    "model: 200, no JSON": (saying(good(b"<html>")), 502, "llm_error", 0),
    "model: says nothing": (saying(completion("")), 502, "llm_error", 0),
    "model: half an answer, half-closed": (ending(completion("Half")[:-9]), 502, "llm_error", 0),
}


def with_model(address: str) -> dict[str, str]:
    """Return the settings of a model at ADDRESS."""
    return {"LLM_MODE": "openai", "LLM_API_KEY": "a-key", "LLM_MODEL": "m", "LLM_BASE_URL": f"{address}/v1"}


@pytest.mark.vendor
@pytest.mark.parametrize("fault", MODELS)
def test_the_model_at_fault(tmp_path: Path, fault: str, row: Callable[[str, Told], None]) -> None:
    """A model that fails is another thing than one that is slow, and neither is waited for longer than it may take."""
    answer, status, code, seconds = MODELS[fault]
    with (
        Crooked(saying(SUMMARY)).running() as below,
        Crooked(answer).running() as model,
        chat(tmp_path, below.address, **with_model(model.address)) as running,
    ):
        told = ask(running)
        row(fault, told)

    assert (told.status, told.code) == (status, code)
    assert told.seconds < seconds + SLACK


@pytest.mark.vendor
def test_nobody_at_the_model(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """As one that fails."""
    with (
        Crooked(saying(SUMMARY)).running() as below,
        chat(tmp_path, below.address, **with_model("http://127.0.0.1:1")) as running,
    ):
        told = ask(running)
        row("model: nobody listens", told)

    assert (told.status, told.code) == (502, "llm_error")
    assert told.seconds < SLACK


@pytest.mark.vendor
def test_more_questions_than_can_be_asked(tmp_path: Path, row: Callable[[str, Told], None]) -> None:
    """One is asked, one waits, the others hear at once when to come back; the model never hears two at once."""
    found: list[Told] = []
    with (
        Crooked(saying(SUMMARY)).running() as below,
        Crooked(silent).running() as model,
        chat(tmp_path, below.address, LLM_MAX_CONCURRENCY="1", **with_model(model.address)) as running,
    ):
        threads = [threading.Thread(target=lambda: found.append(ask(running))) for _ in range(6)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)
        row("more than LLM_MAX_CONCURRENCY and its queue", min(found, key=lambda each: each.seconds))

    statuses = [each.status for each in found]
    refused = [each for each in found if each.status == 429]
    assert set(statuses) <= {429, 504}
    assert len(refused) >= 4
    assert {(each.code, each.retry_after) for each in refused} == {("saturated", "2")}
    assert max(each.seconds for each in found) < DEADLINE + SLACK
