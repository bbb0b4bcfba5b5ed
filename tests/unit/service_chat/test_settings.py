"""The service's settings."""

from __future__ import annotations

import pytest

from service_chat import main
from service_chat.responders.registry import FACTORIES
from service_chat.retrievers.registry import FACTORIES as RETRIEVERS
from service_chat.settings import LlmMode, Settings, VectorMode
from service_kit import environment
from service_kit.environment import Misconfigured


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LLM_MODE", "gpt", "LLM_MODE 'gpt' is unknown; choose one of: anthropic, mock, openai."),
        ("VECTOR_MODE", "faiss", "VECTOR_MODE 'faiss' is unknown; choose one of: mock, pinecone."),
        ("DB_API_BASE_URL", "db-api", "DB_API_BASE_URL cannot be used:"),
        ("CHAT_API_PORT", "70000", "CHAT_API_PORT cannot be used:"),
        ("DB_API_TIMEOUT_S", "0", "DB_API_TIMEOUT_S cannot be used:"),
    ],
)
def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    """The start ends with the variable's name and, where there is a choice, the known values."""
    monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured) as caught:
        _ = main.app

    assert str(caught.value).startswith(told)


def test_the_defaults_need_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing set, the service answers by itself and looks for db-api beside it."""
    for name in ("LLM_MODE", "VECTOR_MODE", "DB_API_BASE_URL", "DB_API_TIMEOUT_S"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PINECONE_API_KEY", " ")

    found = environment.read(Settings)

    assert (found.llm_mode, found.vector_mode) == ("mock", "mock")
    assert str(found.db_api_base_url) == "http://localhost:8001/"
    assert found.db_api_timeout_s == 3.0


@pytest.mark.parametrize("written", ["MOCK", "Mock", " mock "])
def test_a_mode_is_known_however_it_is_written(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    """Neither capitals nor blanks around it make another mode of it."""
    monkeypatch.setenv("LLM_MODE", written)
    monkeypatch.setenv("VECTOR_MODE", written)

    found = environment.read(Settings)

    assert (found.llm_mode, found.vector_mode) == (LlmMode.MOCK, VectorMode.MOCK)


def test_secrets_do_not_print() -> None:
    """Settings in a log or traceback show no key."""
    assert "hunter2" not in repr(Settings.model_validate({"pinecone_api_key": "hunter2"}))


def test_every_mode_has_a_responder() -> None:
    """A mode that can be chosen can be served."""
    assert set(FACTORIES) == set(LlmMode)
    assert set(RETRIEVERS) == set(VectorMode)


def test_only_the_application_is_made_on_demand() -> None:
    """A misspelt name is still an error."""
    with pytest.raises(AttributeError, match="ap"):
        _ = main.ap
