"""What a run may be told, and how a wrong value is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from ci.errors import NotReady
from ci.services import CHAT_API, DB_API
from ci.settings import PLACEHOLDER, Settings, declared_region, load, refuse_placeholders
from tests.unit.ci.conftest import declare_region

if TYPE_CHECKING:
    from pathlib import Path

    from ci.services import Service


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAREPATH_AWS_ACCOUNT_ID", "12345"),
        ("CAREPATH_ENVIRONMENT", "production"),
        ("CAREPATH_LOCK_TIMEOUT", "soon"),
        ("CAREPATH_LOCK_TIMEOUT", "-1"),
        ("CAREPATH_SMOKE_TIMEOUT", "0"),
        ("CAREPATH_AWS_TIMEOUT", "0"),
        ("CAREPATH_AWS_ATTEMPTS", "0"),
        ("CAREPATH_PLATFORM", "linux/s390x"),
        ("CAREPATH_PLATFORM", "linux/amd64,"),
        ("CAREPATH_CHAT_EXTRAS", "gemini"),
        ("CAREPATH_CHAT_EXTRAS", "openai pinecone; rm -rf /"),
        ("CAREPATH_PROVIDER_ADDRESSES", "no JSON"),
        ("CAREPATH_TERRAFORM_SECRETS", "planted-secret"),
    ],
)
def test_wrong_value_names_its_variable(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that does not fit is a sentence with the variable's name, not a traceback."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(NotReady) as caught:
        load()

    assert caught.value.code == "settings_invalid"
    assert variable in caught.value.detail
    assert caught.value.hint


def test_all_wrong_values_are_told_at_once_and_none_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody mends them one by one, and what was typed, which may be a secret, is in no log."""
    monkeypatch.setenv("CAREPATH_AWS_ACCOUNT_ID", "planted-secret-1")
    monkeypatch.setenv("CAREPATH_ENGINE_TIMEOUT", "planted-secret-2")

    with pytest.raises(NotReady) as caught:
        load()

    assert "CAREPATH_AWS_ACCOUNT_ID" in caught.value.detail
    assert "CAREPATH_ENGINE_TIMEOUT" in caught.value.detail
    assert "planted" not in str(caught.value.as_dict())


@pytest.mark.parametrize("variable", ["CAREPATH_AWS_ACCOUNT_ID", "AWS_REGION", "AWS_ENDPOINT_URL", "CAREPATH_REGISTRY"])
def test_empty_variable_is_not_set(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow hands over a repository variable that nobody made as an empty one."""
    unset = load()

    monkeypatch.setenv(variable, "")

    assert load() == unset


def test_nothing_set_is_a_real_deploy() -> None:
    """Without any variable no stand-in is used, and each image is pinned by digest."""
    settings = load()

    assert (settings.aws_endpoint_url, settings.registry, settings.provider_addresses) == (None, None, {})
    assert settings.environment_folder.as_posix() == "envs/demo"
    for image in (settings.python_image, settings.terraform_image, settings.mongo_image):
        assert "@sha256:" in image


def test_terraforms_secrets_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is handed on, passwords and keys show nowhere; what is none of Terraform's is not handed on at all."""
    for name, value in {
        "TF_VAR_mongodb_password": "planted-1",
        "MONGODB_ATLAS_PRIVATE_KEY": "planted-2",
        "TF_LOG": "planted-3",
        "MONGODB_URI": "mongodb://planted-4",
        "AWS_SECRET_ACCESS_KEY": "planted-5",
    }.items():
        monkeypatch.setenv(name, value)

    settings = load()

    assert {name: each.get_secret_value() for name, each in settings.terraform_secrets.items()} == {
        "TF_VAR_mongodb_password": "planted-1",
        "MONGODB_ATLAS_PRIVATE_KEY": "planted-2",
    }
    assert settings.terraform_variables == {}
    assert "planted" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_what_is_no_secret_is_handed_on_openly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine blots a secret's value out of every line, so a revision must not be one; what is empty is not set."""
    monkeypatch.setenv("TF_VAR_secret_revision", "2")
    monkeypatch.setenv("TF_VAR_atlas_org_id", "")
    monkeypatch.setenv("MONGODB_ATLAS_PRIVATE_KEY", "")

    settings = load()

    assert settings.terraform_variables == {"TF_VAR_secret_revision": "2"}
    assert settings.terraform_secrets == {}


def test_settings_do_not_change_during_a_run() -> None:
    """What a stage was told stays true."""
    settings = Settings()

    with pytest.raises(ValidationError):
        settings.lock_timeout = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "text", ["", '# aws_region = "us-east-1"\n', 'other_region = "us-east-1"\n', "aws_region = 1\n"]
)
def test_environment_without_a_region_is_not_ready(checkout: Path, text: str) -> None:
    """Where an environment lives is told by its own file or not at all."""
    declare_region(checkout, text)

    with pytest.raises(NotReady) as caught:
        declared_region(Settings())

    assert caught.value.code == "region_missing"
    assert "terraform.tfvars of demo" in caught.value.title


def test_missing_environment_file_is_named(checkout: Path) -> None:
    """A checkout without the environment is answered with the file it lacks."""
    (checkout / "infra/terraform/envs/demo/terraform.tfvars").unlink()

    with pytest.raises(NotReady, match=r"terraform\.tfvars of demo"):
        declared_region(Settings())


def test_another_region_is_refused(checkout: Path) -> None:
    """AWS_REGION of another project's shell never moves this one's state."""
    assert checkout

    with pytest.raises(NotReady) as caught:
        declared_region(Settings(aws_region="eu-central-1"))

    assert caught.value.code == "wrong_region"
    assert "eu-central-1" in caught.value.title
    assert "us-east-1" in caught.value.title


@pytest.mark.parametrize("told", [None, "eu-west-3"])
def test_region_is_the_one_that_the_environment_declares(checkout: Path, told: str | None) -> None:
    """One home for the region: the file that Terraform reads too, however it is laid out."""
    declare_region(checkout, '# The demo.\nname       = "demo"\naws_region = "eu-west-3"   # Paris\n')

    assert declared_region(Settings(aws_region=told)) == "eu-west-3"


@pytest.mark.parametrize("name", ["public_access_cidrs", "lb_source_ranges"])
def test_placeholder_address_is_refused(checkout: Path, name: str) -> None:
    """An environment that nobody can reach is not deployed: whose addresses are missing is told."""
    declare_region(
        checkout, f'aws_region = "us-east-1"\npublic_access_cidrs = ["198.51.100.7/32"]\n{name} = ["{PLACEHOLDER}"]\n'
    )

    with pytest.raises(NotReady) as caught:
        refuse_placeholders(Settings())

    assert caught.value.code == "placeholder_addresses"
    assert "lb_source_ranges" in caught.value.hint


def test_addresses_of_ones_own_are_taken(checkout: Path) -> None:
    """Any other address is somebody's."""
    declare_region(checkout, 'aws_region = "us-east-1"\npublic_access_cidrs = ["198.51.100.7/32"]\n')

    refuse_placeholders(Settings())


@pytest.mark.parametrize(
    ("told", "platforms"),
    [
        ("linux/arm64", ("linux/arm64",)),
        ("linux/amd64,linux/arm64", ("linux/amd64", "linux/arm64")),
        ("linux/arm64,linux/amd64,linux/arm64", ("linux/arm64", "linux/amd64")),
    ],
)
def test_platforms_are_each_built_once(told: str, platforms: tuple[str, ...]) -> None:
    """In the order they are named; the first one is what is tested where the engine's own is none of them."""
    assert Settings(platform=told).platforms == platforms


@pytest.mark.parametrize(
    ("service", "told", "arguments"),
    [
        (CHAT_API, "", {}),
        (CHAT_API, "pinecone,openai,pinecone", {"EXTRAS": "openai pinecone"}),
        (DB_API, "openai", {}),
    ],
)
def test_extras_are_chat_apis_own(service: Service, told: str, arguments: dict[str, str]) -> None:
    """In one order, so that the same ones make the same image; the other service's stays what it is."""
    settings = Settings(chat_extras=told)

    assert settings.arguments(service) == {"PYTHON_IMAGE": settings.python_image, **arguments}
