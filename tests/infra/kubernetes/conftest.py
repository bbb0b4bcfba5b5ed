"""The Kubernetes objects of the demo's plan, and its pods, as the API takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.kubernetes.manifest import manifests, pod, templates

if TYPE_CHECKING:
    from tests.infra.conftest import Deployed
    from tests.infra.kubernetes.manifest import Manifest


@pytest.fixture(scope="session")
def objects(deployed: Deployed, secrets: dict[str, dict[str, str]]) -> list[Manifest]:
    """Return every object of the plan. Copy what you change."""
    return manifests(deployed.plan, secrets)


@pytest.fixture(scope="session")
def pods(objects: list[Manifest]) -> dict[str, Manifest]:
    """Return name -> Pod of each of the plan's pod templates. Copy what you change."""
    (namespace,) = (each["metadata"]["name"] for each in objects if each["kind"] == "Namespace")
    return {name: pod(template, name, namespace) for name, template in templates(objects).items()}
