"""Whose words an answer is said to have: in the answer, in the chat log and in the audit."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from service_chat.errors import LlmError, LlmTimeout
from service_chat.responders import registry
from service_chat.settings import LlmMode
from tests.unit.service_chat.cases import Saying
from tests.unit.service_chat.served import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio
URGENT = "I slipped and hit my head, there is a bump but I feel fine."
EMERGENCY = "I have crushing chest pain and my left arm feels numb."
SELF_HARM = "I don't want to be alive any more."
GOOD, BAD = ("Please be examined today.",), ("A bump is harmless, take 400 mg of ibuprofen.",)
MODEL = {"llm_mode": "openai", "llm_api_key": "a-key", "llm_model": "said-1"}


async def told(monkeypatch: pytest.MonkeyPatch, model: Saying, query: str, path: str) -> tuple[dict[str, Any], ...]:
    """Ask QUERY of a service in whose place of a model MODEL speaks; return answer, chat log and audit record."""

    @contextlib.asynccontextmanager
    async def opened(_: object) -> AsyncIterator[Saying]:
        yield model

    monkeypatch.setitem(registry.FACTORIES, LlmMode.OPENAI, opened)
    monkeypatch.delitem(registry.CHECKS, LlmMode.OPENAI)
    async with serve(**MODEL) as served:
        response = await served.client.post(path, json={"patient_mrn": "P000102", "query": query})
    (turn,) = [turn for each in served.db_api.stored for turn in json.loads(each.content)["turns"]]
    last = [line for line in response.text.splitlines() if line.startswith("data: ")][-1:]
    answer = json.loads(last[0].removeprefix("data: ") if last else response.text)
    return answer, turn["chat_log"], turn["audit_log"]


@pytest.mark.parametrize("path", ["/triage", "/triage/stream"])
@pytest.mark.parametrize(
    ("model", "query"),
    [
        pytest.param(Saying(BAD), URGENT, id="may-not-be-told"),
        pytest.param(Saying(BAD), EMERGENCY, id="may-not-be-told-in-an-emergency"),
        pytest.param(Saying((), LlmTimeout()), EMERGENCY, id="too-slow-in-an-emergency"),
        pytest.param(Saying((), LlmError()), EMERGENCY, id="failed-in-an-emergency"),
        pytest.param(Saying(GOOD), SELF_HARM, id="not-asked"),
    ],
)
async def test_the_rules_words_are_no_models(
    monkeypatch: pytest.MonkeyPatch, model: Saying, query: str, path: str
) -> None:
    """Where nothing of a model's is told, nothing says that it was."""
    answer, log, audit = await told(monkeypatch, model, query, path)

    assert (answer["llm_mode"], answer["worded_by"]) == ("openai", "rules")
    assert (log["messages"][1]["model_name"], audit["model_name"]) == (None, None)
    assert (log["status"], audit["status"]) == ("ok", "success")


@pytest.mark.parametrize("path", ["/triage", "/triage/stream"])
@pytest.mark.parametrize("query", [URGENT, EMERGENCY])
async def test_a_models_words_are_its_own(monkeypatch: pytest.MonkeyPatch, query: str, path: str) -> None:
    """What a model said and is told names it, after the rules' words in an emergency too."""
    answer, log, audit = await told(monkeypatch, Saying(GOOD), query, path)

    assert answer["worded_by"] == "openai"
    assert (log["messages"][1]["model_name"], audit["model_name"]) == ("said-1", "said-1")


@pytest.mark.parametrize("error", [LlmError(), LlmTimeout()], ids=lambda error: error.code)
async def test_a_failure_names_the_model_that_failed(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Which model left a question without an answer is to be found."""
    _, log, audit = await told(monkeypatch, Saying((), error), URGENT, "/triage")

    assert (log["status"], audit["status"], audit["model_name"]) == ("llm_error", "error", "said-1")


async def test_mock_mode_has_no_model() -> None:
    """Then the rules word everything."""
    async with serve() as served:
        answer = (await served.triage("P000102", URGENT)).json()

    assert (answer["llm_mode"], answer["worded_by"]) == ("mock", "rules")
