"""The plan's pods against the `restricted` standard, and that each of its controls is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.kubernetes.changes import BREAKING, KEEPING, changed, name
from tests.infra.kubernetes.restricted import CONTROLS, violations

if TYPE_CHECKING:
    from tests.infra.conftest import Deployed
    from tests.infra.kubernetes.manifest import Manifest


@pytest.mark.parametrize(
    ("control", "change"), [pytest.param(*each, id=f"{each[0]}: {name(each[1])}") for each in BREAKING]
)
def test_a_broken_control_is_told(pods: dict[str, Manifest], control: str, change: dict[str, Any]) -> None:
    """One change to a pod that keeps all rules, and the control that it breaks is named."""
    told = violations(changed(pods["db-api"], change))

    assert control in {each.partition(":")[0] for each in told}


def test_every_control_is_broken_once() -> None:
    """No control is without a pod that shows it at work."""
    assert {control for control, _ in BREAKING} == CONTROLS.keys()


def test_a_container_of_any_sort_is_looked_at(pods: dict[str, Manifest]) -> None:
    """One that runs first, and one that somebody adds to look around, need their own settings."""
    for sort in ("initContainers", "ephemeralContainers"):
        told = violations(changed(pods["db-api"], {f"spec.{sort}": [{"name": "other", "image": "example/other"}]}))

        assert told == [
            "capabilities: container other keeps capabilities; set capabilities.drop to [ALL]",
            "privilege escalation: container other may gain privileges; set allowPrivilegeEscalation to false",
        ]


def test_a_pod_without_any_setting_is_told_all_it_lacks() -> None:
    """The four things that `restricted` asks for, each with what to write."""
    bare = {"metadata": {}, "spec": {"containers": [{"name": "bare", "image": "example/bare"}]}}

    assert violations(bare) == [
        "capabilities: container bare keeps capabilities; set capabilities.drop to [ALL]",
        "seccomp: container bare has no seccomp profile; set seccompProfile.type to RuntimeDefault for the pod",
        "privilege escalation: container bare may gain privileges; set allowPrivilegeEscalation to false",
        "running as non-root: container bare may run as root; set runAsNonRoot to true",
    ]


@pytest.mark.parametrize("change", KEEPING.values(), ids=KEEPING)
def test_what_the_standard_permits_is_permitted(pods: dict[str, Manifest], change: dict[str, Any]) -> None:
    """No alarm where there is nothing to change."""
    assert violations(changed(pods["db-api"], change)) == []


def test_every_pod_of_the_plan_keeps_all_controls(pods: dict[str, Manifest]) -> None:
    """The namespace enforces them, so a pod that broke one would be refused after the apply had succeeded."""
    assert {each: violations(pod) for each, pod in pods.items()} == {"db-api": [], "chat-api": [], "demo-data": []}


def test_the_namespace_enforces_the_standard(deployed: Deployed, objects: list[Manifest]) -> None:
    """What is checked here is what the cluster refuses, in the version of the cluster."""
    version = deployed.plan["variables"]["cluster_version"]["value"]
    (labels,) = (each["metadata"]["labels"] for each in objects if each["kind"] == "Namespace")

    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == f"v{version}"
