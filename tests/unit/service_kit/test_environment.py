"""Settings from the environment."""

from __future__ import annotations

import pytest
from pydantic import Field, SecretStr, field_validator

from service_kit import environment
from service_kit.environment import Misconfigured


class Demo(environment.Settings):
    demo_key: SecretStr = Field(description="Set it to the key.")
    demo_limit: int = Field(3, gt=0)

    @field_validator("demo_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 4:
            message = "it is too short"
            raise ValueError(message)
        return value


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEMO_KEY", "DEMO_LIMIT", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)


def test_a_missing_variable_is_named_with_what_to_do() -> None:
    """Whoever starts the service reads which variable to set and to what."""
    with pytest.raises(Misconfigured, match=r"^DEMO_KEY is missing. Set it to the key.$"):
        environment.read(Demo)


def test_all_mistakes_are_told_at_once_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """One start shows every mistake, and the value of none that could be a secret."""
    monkeypatch.setenv("DEMO_KEY", "abc")
    monkeypatch.setenv("DEMO_LIMIT", "many")
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(Misconfigured) as caught:
        environment.read(Demo)

    assert str(caught.value).splitlines() == [
        "LOG_LEVEL 'LOUD' is unknown; choose one of: DEBUG, ERROR, INFO, WARNING.",
        "DEMO_KEY cannot be used: it is too short.",
        "DEMO_LIMIT cannot be used: Input should be a valid integer, unable to parse string as an integer.",
    ]


def test_blanks_and_empty_values_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value with a trailing blank is the value, and an empty one is not set."""
    monkeypatch.setenv("DEMO_KEY", "abcd")
    monkeypatch.setenv("DEMO_LIMIT", "")
    monkeypatch.setenv("LOG_LEVEL", "debug")

    found = environment.read(Demo)

    assert (found.demo_limit, found.log_level) == (3, "DEBUG")
    assert "abcd" not in repr(found)


def test_it_ends_a_program_with_its_message() -> None:
    """A misconfigured program ends with exit code 1 and the sentence, not with a traceback."""
    assert issubclass(Misconfigured, SystemExit)
