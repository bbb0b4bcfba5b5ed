"""Settings and packages that a mode asks for before the service starts."""

from __future__ import annotations

import sys

import pytest

from service_chat.main import create_app
from service_chat.settings import Settings
from service_kit import environment
from service_kit.environment import Misconfigured

LLM = {"LLM_API_KEY": "hunter2-key", "LLM_MODEL": "model-1"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def refusal(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> str:
    """Return the sentence with which the application, set up by `variables`, refuses to be made."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = environment.read(Settings)
    with pytest.raises(Misconfigured) as caught:
        create_app(settings)
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LLM_MODE": "openai"}, ["LLM_API_KEY is missing, which LLM_MODE openai asks for.", "LLM_MODEL is missing"]),
        ({"LLM_MODE": "openai", "LLM_MODEL": "m"}, ["LLM_API_KEY is missing"]),
        ({"LLM_MODE": "anthropic", "LLM_API_KEY": "hunter2-key"}, ["LLM_MODEL is missing, which LLM_MODE anthropic"]),
        ({"LLM_MODE": "anthropic", "LLM_API_KEY": " ", "LLM_MODEL": "m"}, ["LLM_API_KEY is missing"]),
        ({"VECTOR_MODE": "pinecone"}, ["PINECONE_API_KEY is missing, which VECTOR_MODE pinecone asks for."]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_application_with_a_missing_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: list[str]
) -> None:
    """The sentence names the setting, and no secret; tests/integration/services starts the process that prints it."""
    sentence = refusal(monkeypatch, variables)

    assert [part for part in expected if part not in sentence] == []


@pytest.mark.parametrize(
    ("package", "variables"),
    [
        ("openai", {"LLM_MODE": "openai", **LLM}),
        ("anthropic", {"LLM_MODE": "anthropic", **LLM}),
        ("pinecone", {"VECTOR_MODE": "pinecone", "PINECONE_API_KEY": "hunter2-key"}),
    ],
)
def test_application_with_a_missing_package_is_refused(
    monkeypatch: pytest.MonkeyPatch, package: str, variables: dict[str, str]
) -> None:
    """Where an extra was not installed, the sentence says how to get it."""
    # As Python marks what may not be imported; an image may have the package.
    monkeypatch.setitem(sys.modules, package, None)

    sentence = refusal(monkeypatch, variables)

    assert f"needs the package {package}, which is not installed" in sentence
    assert f"EXTRAS={package}" in sentence
