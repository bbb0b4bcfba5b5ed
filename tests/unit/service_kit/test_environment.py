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
    for name in ("DEMO_KEY", "DEMO_LIMIT", *(field.upper() for field in environment.Settings.model_fields)):
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_PORT", "-1"),
        ("METRICS_PORT", "65536"),
        ("DRAIN_SECONDS", "-1"),
        ("DRAIN_SECONDS", "nan"),
        ("DRAIN_SECONDS", "inf"),
        ("MAX_BODY_BYTES", "0"),
        ("MAX_BODY_BYTES", "1 MiB"),
    ],
)
def test_a_number_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """What a process cannot be operated with ends its start, with the variable's name."""
    monkeypatch.setenv(name, value)

    with pytest.raises(Misconfigured, match=rf"^{name} cannot be used: Input should be "):
        environment.read(environment.Settings)


def test_nothing_need_be_set() -> None:
    """A service on a laptop drains for no time, opens no second port, and is of no known commit."""
    found = environment.read(environment.Settings)

    assert (found.drain_seconds, found.metrics_port, found.git_sha, found.max_body_bytes) == (0, None, "unknown", 2**20)


def test_settings_without_a_description_are_none() -> None:
    """Each has a sentence, for those who read the program or the page made from it."""
    fields = environment.Settings.model_fields

    assert [name for name, field in fields.items() if not (field.description or "").endswith(".")] == []
