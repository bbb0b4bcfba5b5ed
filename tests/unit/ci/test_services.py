"""The two services as data."""

from __future__ import annotations

import dataclasses

import pytest

from ci.errors import UsageError
from ci.services import CHAT_API, DB_API, SERVICES, Service, select


@pytest.mark.parametrize("name", ["nope", "DB-API", "db_api", "", "db-api "])
def test_unknown_service_is_refused_with_the_known_ones(name: str) -> None:
    """A misspelt name is answered with the names there are, and nothing is guessed."""
    with pytest.raises(UsageError) as caught:
        select(name)

    assert caught.value.code == "unknown_service"
    assert repr(name) in caught.value.title
    for service in SERVICES:
        assert service.name in caught.value.hint


def test_no_name_selects_both() -> None:
    """A command without --service is about both."""
    assert select(None) == (DB_API, CHAT_API)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_name_selects_that_service_alone(service: Service) -> None:
    """A command with --service leaves the other one as it is."""
    assert select(service.name) == (service,)


@pytest.mark.parametrize("field", [each.name for each in dataclasses.fields(Service)])
def test_services_share_no_value(field: str) -> None:
    """Two services with one port or repository would overwrite each other."""
    assert len({getattr(service, field) for service in SERVICES}) == len(SERVICES)


def test_an_image_depends_on_its_own_service_only() -> None:
    """A change in chat-api must not make a new image of db-api."""
    assert CHAT_API.package not in DB_API.inputs
    assert DB_API.package not in CHAT_API.inputs
    for service in SERVICES:
        assert {service.package, service.lock, "service_kit"} <= set(service.inputs)
        assert any(service.dockerfile.startswith(f"{path}/") for path in service.inputs)


def test_a_check_depends_on_the_tests_too() -> None:
    """A changed test is run even where the image is the same, in every service that it concerns."""
    for service in SERVICES:
        assert set(service.inputs) < set(service.check_inputs)
        assert set(service.tests) <= set(service.check_inputs)
        assert "requirements/check.txt" in service.check_inputs


def test_terraform_knows_the_images_by_these_variables() -> None:
    """The names are the ones the spec gives the variables of envs/demo."""
    assert [service.image_variable for service in SERVICES] == ["db_api_image", "chat_api_image"]
