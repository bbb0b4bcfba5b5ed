"""A fault of the model, over real sockets and the vendor's own SDK: what the caller is answered, and what is logged."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import TYPE_CHECKING

import pytest

from tests.integration.services import private
from tests.integration.services.asking import until
from tests.integration.services.crooked import Answer, Crooked, ending, good, saying, silent
from tests.integration.services.process import nobody
from tests.integration.services.test_chat_faults import ECHO, FOREVER, MRN, QUERY, Chat, chat

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.vendor

# As a vendor of models speaks.
CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
FAILED, TIMED_OUT = (502, "llm_error", None), (504, "llm_timeout", None)


def completion(content: str) -> bytes:
    """Return what a model says, in its vendor's form."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    return good(json.dumps({**CHAT, "choices": [choice]}).encode())


MODELS: dict[str, Answer] = {
    "500": saying(good(ECHO, b"500 Oops")),
    "400": saying(good(ECHO, b"400 Bad Request")),
    "401": saying(good(b'{"error": {"message": "x"}}', b"401 Who")),
    "no HTTP": saying(ECHO + b"\r\n\r\n"),
    "200, no JSON": saying(good(b"<html>")),
    "200, another form": saying(good(ECHO)),
    "says nothing": saying(completion("")),
    "half an answer, half-closed": ending(completion("Half")[:-9]),
}


@contextlib.contextmanager
def modelled(folder: Path, address: str, **settings: str) -> Iterator[Chat]:
    """Yield chat-api whose model is at `address`."""
    model = {"LLM_MODE": "openai", "LLM_API_KEY": "a-key", "LLM_MODEL": "m", "LLM_BASE_URL": f"{address}/v1"}
    with chat(folder, **{"LLM_TIMEOUT_S": FOREVER, **model, **settings}) as found:
        yield found


@pytest.fixture(scope="module")
def model() -> Iterator[Crooked]:
    """Yield a model that a test makes fail."""
    with Crooked(silent).running() as found:
        yield found


@pytest.fixture(scope="module")
def unhurried(model: Crooked, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """Yield chat-api that waits for its model as long as it takes."""
    with modelled(tmp_path_factory.mktemp("modelled"), model.address) as found:
        yield found


def streamed(found: Chat) -> str:
    """Return the events that come of a question."""
    return found.above.post("/triage/stream", json={"patient_mrn": MRN, "query": QUERY}).text


@pytest.mark.parametrize("fault", MODELS)
def test_model_at_fault_is_a_502_and_nobody_is_named(unhurried: Chat, model: Crooked, fault: str) -> None:
    """Without waiting for a time-out; a stream ends with the problem."""
    model.answer = MODELS[fault]

    assert unhurried.ask() == FAILED
    assert "event: problem" in streamed(unhurried)
    unhurried.assert_private()


def test_model_that_does_not_answer_is_given_up_after_its_timeout(tmp_path: Path) -> None:
    with Crooked(silent).running() as model, modelled(tmp_path, model.address, LLM_TIMEOUT_S="0.3") as found:
        assert found.ask() == TIMED_OUT
        assert "event: problem" in streamed(found)
        found.assert_private()


def test_model_that_is_away_has_failed(tmp_path: Path) -> None:
    with nobody() as address, modelled(tmp_path, f"http://{address}") as found:
        assert found.ask() == FAILED


def test_questions_beyond_the_models_capacity_are_refused_at_once(tmp_path: Path) -> None:
    """One is asked, one waits, the others hear when to come back; the model never hears two at once."""
    release = threading.Event()
    overlaps: list[int] = []
    hearing = 0

    def slowly(connection: socket.socket, _: bytes) -> None:
        nonlocal hearing
        hearing += 1
        overlaps.append(hearing)
        release.wait()
        hearing -= 1
        connection.sendall(completion(""))

    answers: list[tuple[int, str, str | None]] = []
    with Crooked(slowly).running() as model, modelled(tmp_path, model.address, LLM_MAX_CONCURRENCY="1") as found:
        threads = [threading.Thread(target=lambda: answers.append(found.ask())) for _ in range(6)]
        for thread in threads:
            thread.start()
        # The model holds its only question until all but that and the waiting one have been refused.
        until(lambda: len(answers) >= 4)
        refused = answers[:4]
        release.set()
        for thread in threads:
            thread.join()
        found.assert_private()

    assert set(refused) == {(429, "saturated", "2")}
    assert set(answers[4:]) <= {FAILED, (429, "saturated", "2")}
    assert FAILED in answers
    assert set(overlaps) == {1}
    assert private.quoted(found.running.output.read_text()) == []
