"""The service's settings."""

from __future__ import annotations

import pytest

from service_db_api import main
from service_db_api.settings import Settings
from service_kit import environment
from service_kit.environment import Misconfigured


@pytest.mark.parametrize("uri", ["", "postgres://u:hunter2@db", "hunter2"])
def test_an_address_of_something_else_is_refused(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    """The start ends with what to set, and without the value, which may hold a password."""
    monkeypatch.setenv("MONGODB_URI", uri)

    with pytest.raises(Misconfigured) as caught:
        _ = main.app

    assert "mongodb://" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.anyio
async def test_an_address_that_cannot_be_read_is_told_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that was not encoded is named as the likely mistake, and not shown."""
    monkeypatch.setenv("MONGODB_URI", "mongodb://user:hunter2%@db")
    app = main.create_app(environment.read(Settings))

    with pytest.raises(Misconfigured, match="percent-encoded") as caught:
        async with app.router.lifespan_context(app):
            pass

    assert "hunter2" not in str(caught.value)


def test_embedded_without_nx_27017_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The images leave the embedded database out; who asks for it there reads why."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(Misconfigured, match="pip install nx-27017"):
        main.create_app(Settings.model_validate({"mongodb_uri": "embedded"}))


def test_secrets_do_not_print() -> None:
    """Settings in a log or traceback show no address of a database."""
    found = Settings.model_validate({"mongodb_uri": " mongodb://user:hunter2@db "})

    assert "hunter2" not in repr(found)
    assert found.mongodb_uri.get_secret_value() == "mongodb://user:hunter2@db"
    assert not found.embedded


def test_only_the_application_is_made_on_demand() -> None:
    """A misspelt name is still an error."""
    with pytest.raises(AttributeError, match="ap"):
        _ = main.ap
