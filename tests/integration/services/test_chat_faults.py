"""
A fault at each hop of a question, over real sockets: what the caller is answered, and what becomes of the turn.

One chat-api with time-outs that no test lives to see is asked about all faults
that end by themselves: had it waited for a time-out, its reason would be another.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.integration.services import private
from tests.integration.services.asking import until
from tests.integration.services.crooked import Crooked, ending, good, saying, silent
from tests.integration.services.process import Running, chat_api, client, get, nobody
from tests.support.ports import reserved

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.integration.services.crooked import Answer

MRN, QUERY = private.QUESTIONS[4]
RECORD = json.dumps(private.SUMMARIES[MRN]).encode()
SUMMARY = good(RECORD)
# An answer that quotes all that no log may hold.
ECHO = json.dumps({"code": "x", "detail": f"{MRN}: {QUERY}", **private.SUMMARIES[MRN]}).encode()
FOREVER = "300"
UNHURRIED = {"DB_API_TIMEOUT_S": FOREVER, "REQUEST_DEADLINE_S": FOREVER}
UNAVAILABLE = (503, "db_api_unavailable", "2")
TIMED_OUT = {"TimeoutError", "ReadTimeout"}


def keep(connection: socket.socket, request: bytes) -> None:
    """Answer that all turns are stored."""
    turns = json.loads(request.partition(b"\r\n\r\n")[2])["turns"]
    connection.sendall(good(json.dumps({"outcomes": ["stored"] * len(turns)}).encode()))


@dataclass
class Answers:
    """What a db-api does with a read and with turns; all is well unless a test says otherwise."""

    read: Answer = field(default_factory=lambda: saying(SUMMARY))
    store: Answer = keep

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        (self.store if request.startswith(b"POST /turns") else self.read)(connection, request)


@dataclass
class Chat:
    """chat-api, a client of it, and the db-api below: its answers and what it was asked."""

    running: Running
    above: httpx.Client
    below: Answers = field(default_factory=Answers)
    asked: list[bytes] = field(default_factory=list)

    def ask(self, **headers: str) -> tuple[int, str, str | None]:
        """Return status, code and Retry-After of an answer, which must be traced and, as a problem, name nobody."""
        response = self.above.post("/triage", json={"patient_mrn": MRN, "query": QUERY}, headers=headers)
        body = response.json()
        assert body["trace_id"] == response.headers["x-trace-id"]
        if response.status_code != 200:
            assert private.quoted(response.text) == []
        return response.status_code, body.get("code", "-"), response.headers.get("retry-after")

    def reasons(self) -> list[str]:
        """Return why there was no record, as the log says, from the first question on."""
        return [line["reason"] for line in self.running.lines() if line["event"] == "db_api_unavailable"]

    def assert_private(self) -> None:
        """Nobody is in the log so far, nor in the metrics."""
        for text in (self.running.output.read_text(), get(self.running.metrics).text):
            assert text
            assert private.quoted(text) == []


@contextlib.contextmanager
def chat(folder: Path, **settings: str) -> Iterator[Chat]:
    """Yield chat-api, as talkative as it can be, over a db-api in which all is well."""
    base = {**UNHURRIED, "METRICS_PORT": "0", "LOG_LEVEL": "DEBUG", "STOP_GRACE_SECONDS": "0.2"}
    with (
        Crooked(Answers()).running() as below,
        chat_api(folder, below.address, **{**base, **settings}) as running,
        client(running.address) as above,
    ):
        assert isinstance(below.answer, Answers)
        yield Chat(running, above, below.answer, below.asked)


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    with chat(tmp_path_factory.mktemp("unhurried")) as found:
        yield found


@pytest.fixture
def patient(unhurried: Chat) -> Chat:
    """Return the chat-api that never times out, its db-api well and its circuit breaker closed."""
    unhurried.below.read, unhurried.below.store = saying(SUMMARY), keep
    assert unhurried.ask()[0] == 200
    unhurried.asked.clear()
    return unhurried


def drip(connection: socket.socket, _: bytes) -> None:
    for index in range(len(SUMMARY)):
        connection.sendall(SUMMARY[index : index + 1])
        time.sleep(0.02)


def reset(connection: socket.socket, _: bytes) -> None:
    connection.close()


def refusal(status: bytes) -> Answer:
    return saying(good(ECHO, status))


BROKEN_OFF = {"RemoteProtocolError", "ReadError"}
UNREADABLE = {"1 fields are not as expected"}
READS: dict[str, tuple[Answer, set[str]]] = {
    "500": (refusal(b"500 Oops"), {"status 500"}),
    "503": (refusal(b"503 Busy"), {"status 503"}),
    "401": (refusal(b"401 Who"), {"status 401"}),
    "403": (refusal(b"403 Forbidden"), {"status 403"}),
    "404 of another server": (refusal(b"404 Not Found"), {"status 404"}),
    "redirect": (saying(good(b"", b"307 There", b"Location: /\r\n")), {"status 307"}),
    "closes without a word": (reset, BROKEN_OFF),
    "half an answer, half-closed": (ending(SUMMARY[:-40]), BROKEN_OFF),
    "no HTTP": (saying(b"\x00\x01SSH-2.0\r\n\r\n"), BROKEN_OFF),
    "no HTTP, quoting": (saying(ECHO + b"\r\n\r\n"), BROKEN_OFF),
    "200, no JSON": (saying(good(RECORD[:-9])), UNREADABLE),
    "200, other fields": (saying(good(RECORD.replace(b'"conditions": [', b'"conditions": [7,'))), UNREADABLE),
    "200, another patient": (
        saying(good(json.dumps(private.SUMMARIES["P000101"]).encode())),
        {"another patient's record"},
    ),
}
# One of each kind: a refusal, a connection that breaks, a record that cannot be read, and one of somebody else.
FAST = {"500", "closes without a word", "200, other fields", "200, another patient"}


@pytest.mark.parametrize(
    "fault", [fault if fault in FAST else pytest.param(fault, marks=pytest.mark.slow) for fault in READS]
)
def test_db_api_at_fault_is_a_503_and_nobody_is_named(patient: Chat, fault: str) -> None:
    """No record, no answer, at once; the log says why, and readiness says it as far as a probe can tell."""
    patient.below.read, reasons = READS[fault]
    before = len(patient.reasons())

    answer = patient.ask()
    (reason, *_) = patient.reasons()[before:]
    probes = [patient.above.get(path).status_code for path in ("/health", "/health?check=ready")]

    assert answer == UNAVAILABLE
    assert reason in reasons
    assert probes == [200, 200 if fault.startswith("200") else 503]
    patient.assert_private()


def test_patient_is_unknown_by_the_word_of_db_api(patient: Chat) -> None:
    patient.below.read = saying(good(b'{"code": "patient_not_found"}', b"404 Not Found"))

    assert patient.ask() == (404, "patient_not_found", None)


SILENT: dict[str, Answer] = {"silent": silent, "a byte now and then": drip}


@pytest.mark.parametrize("fault", ["silent", pytest.param("a byte now and then", marks=pytest.mark.slow)])
def test_db_api_that_does_not_answer_is_given_up_after_its_timeout(tmp_path: Path, fault: str) -> None:
    """The hop's own time-out ends it, long before the question's."""
    with chat(tmp_path, DB_API_TIMEOUT_S="0.2") as found:
        found.below.read = SILENT[fault]
        answer = found.ask()
        reasons = found.reasons()
        found.assert_private()

    assert answer == UNAVAILABLE
    assert set(reasons) <= TIMED_OUT


def test_db_api_that_is_away_is_not_asked_for_long(tmp_path: Path) -> None:
    """chat-api starts without it, is alive and not ready; after some failures the circuit breaker answers at once."""
    with (
        nobody() as address,
        chat_api(tmp_path, f"http://{address}", STOP_GRACE_SECONDS="0.2", METRICS_PORT="0") as running,
        client(running.address) as above,
    ):
        found = Chat(running, above)
        answers = {found.ask() for _ in range(8)}
        alive, ready = above.get("/health"), above.get("/health?check=ready")
        numbers = get(running.metrics).text
        found.assert_private()

    assert answers == {UNAVAILABLE}
    assert found.reasons()[0] == "ConnectError"
    assert "the breaker is open" in found.reasons()
    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.json()["checks"] == {"db-api": "unavailable"}
    assert "carepath_db_api_breaker_opened_total 1.0" in numbers


@pytest.mark.slow
def test_db_api_that_comes_back_is_asked_again(tmp_path: Path) -> None:
    """With the circuit breaker open one question tries from time to time, and then all go on."""
    with (
        reserved() as port,
        chat_api(tmp_path, f"http://127.0.0.1:{port}", DB_API_TIMEOUT_S="30", REQUEST_DEADLINE_S="60") as running,
        client(running.address) as above,
    ):
        found = Chat(running, above)
        assert {found.ask() for _ in range(8)} == {UNAVAILABLE}
        with Crooked(found.below).running(port):
            until(lambda: found.ask()[0] == 200)
            assert {found.ask()[0] for _ in range(3)} == {200}
            running.stop()


def test_db_api_killed_under_way_is_not_waited_for(patient: Chat) -> None:
    """The process goes in the midst of an answer, and the caller is answered."""
    held: list[socket.socket] = []
    patient.below.read = lambda connection, _: held.append(connection)
    before = len(patient.reasons())
    answers: list[tuple[int, str, str | None]] = []
    thread = threading.Thread(target=lambda: answers.append(patient.ask()))

    thread.start()
    until(lambda: bool(held))
    held[0].shutdown(2)
    thread.join()

    assert answers == [UNAVAILABLE]
    assert set(patient.reasons()[before:]) <= BROKEN_OFF


def test_deadline_of_the_caller_bounds_the_hop(patient: Chat) -> None:
    """What the caller gives for an answer is all that db-api is given, in a header."""
    patient.below.read = silent

    answer = patient.ask(**{"X-Request-Timeout-Ms": "1000"})

    assert answer == (504, "deadline_exceeded", None)
    (request,) = (asked for asked in patient.asked if asked.startswith(b"GET"))
    given = request.lower().partition(b"x-request-timeout-ms: ")[2].partition(b"\r\n")[0]
    assert 0 < int(given) <= 1000


@dataclass(frozen=True)
class Storing:
    """How db-api answers turns, and the event by which their loss is logged."""

    answer: Answer
    event: str
    # What is refused for good needs no time at the stop, what fails has as little as is set.
    grace: str = "0.2"


STORING = {
    "422": Storing(saying(good(ECHO, b"422 No")), "turn_refused", FOREVER),
    "500": Storing(saying(good(ECHO, b"500 Oops")), "turns_lost"),
    "silent": Storing(silent, "turns_lost"),
    "closes without a word": Storing(reset, "turns_lost"),
}


@pytest.mark.parametrize(
    "fault", [fault if fault == "422" else pytest.param(fault, marks=pytest.mark.slow) for fault in STORING]
)
def test_turn_that_is_not_kept_delays_neither_answer_nor_stop(tmp_path: Path, fault: str) -> None:
    """The answer comes while db-api has not answered, the stop waits for the grace alone, and the loss is logged."""
    case = STORING[fault]
    with chat(tmp_path, STOP_GRACE_SECONDS=case.grace) as found:
        found.below.store = case.answer
        answer = found.ask()
        until(lambda: any(asked.startswith(b"POST") for asked in found.asked))
        numbers = get(found.running.metrics).text
        found.assert_private()
        found.running.stop()

    assert answer[0] == 200
    assert "carepath_turns_kept_total 0.0" in numbers
    assert case.event in {line["event"] for line in found.running.lines()}
    assert private.quoted(found.running.output.read_text()) == []
