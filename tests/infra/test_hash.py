"""The hash of a real plan: Terraform's own JSON, twice, and with another secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.terraform.plan_summary import summarise
from tests.infra.workspace import SECRETS, VARIABLES

if TYPE_CHECKING:
    from tests.infra.workspace import Workspace


def digest(plan: dict[str, Any]) -> str:
    return summarise(json.dumps(plan)).digest


@pytest.fixture(scope="module")
def first(fresh: Workspace) -> str:
    return digest(fresh.plan())


def test_two_plans_of_the_same_thing_have_one_hash(fresh: Workspace, first: str) -> None:
    """Made one after the other, each with times and ids of its own."""
    assert digest(fresh.plan()) == first


def test_another_secret_makes_no_other_hash(fresh: Workspace, first: str) -> None:
    """Nobody who knows the hash of a plan can try passwords and keys against it."""
    assert digest(fresh.plan(**dict.fromkeys(SECRETS, "another-planted-secret-of-its-own"))) == first


@pytest.mark.parametrize("variable", ["db_api_image", pytest.param("chat_api_image", marks=pytest.mark.slow)])
def test_another_image_makes_another_hash(fresh: Workspace, first: str, variable: str) -> None:
    """What was approved is what runs."""
    assert digest(fresh.plan(f"-var={variable}={VARIABLES[variable][:-1]}e")) != first
