"""The version."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from service_kit import VERSION

if TYPE_CHECKING:
    import pytest


def test_it_is_the_projects(pytestconfig: pytest.Config) -> None:
    """The images hold no pyproject.toml, so the number stands twice and may not drift."""
    project = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text())["project"]

    assert project["version"] == VERSION
