"""From the provider's spelling to the API's."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from ci.rehearsal.providers.schema import load
from tests.infra.kubernetes.manifest import KINDS, REPEATED, SINGLE, api_name, manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.infra.conftest import Deployed
    from tests.infra.kubernetes.manifest import Manifest


def spec(**values: Any) -> Any:
    return manifest("kubernetes_deployment_v1", {"spec": [values]})["spec"]


def test_an_unknown_type_is_refused() -> None:
    """A new type of resource says where to name its kind, rather than escape the checks."""
    with pytest.raises(ValueError, match="kubernetes_cron_job_v1 has no kind here: add its apiVersion"):
        manifest("kubernetes_cron_job_v1", {})


def test_a_block_that_repeats_unexpectedly_is_refused() -> None:
    """Two where one is expected would otherwise lose one of them."""
    with pytest.raises(ValueError, match="strategy is there 2 times: add it to REPEATED"):
        spec(strategy=[{"type": "Recreate"}, {"type": "RollingUpdate"}])


def test_what_is_not_set_is_not_sent() -> None:
    """Null, an absent block and what only Terraform needs; an empty block means something and stays."""
    values = {"id": None, "timeouts": {"create": "10m"}, "wait_for_rollout": True, "spec": [{"paused": None}]}

    assert manifest("kubernetes_deployment_v1", values) == {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {}}
    assert spec(pod_selector=[{"match_labels": None, "match_expressions": []}], volume=[]) == {"podSelector": {}}
    assert spec(empty_dir=[None]) == {"emptyDir": {}}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("host_pid", "hostPID"),
        ("host_ipc", "hostIPC"),
        ("cluster_ips", "clusterIPs"),
        ("ip_block", "ipBlock"),
        ("run_as_non_root", "runAsNonRoot"),
        ("port", "port"),
    ],
)
def test_names_are_spelled_as_the_api_does(name: str, expected: str) -> None:
    """Abbreviations are capitals, but for a first one."""
    assert api_name(name) == expected


def test_a_port_is_a_number_or_a_name() -> None:
    """The provider has text for all of these; the API looks for a name where it is given text."""
    assert spec(run_as_user="0") == {"runAsUser": 0}
    assert spec(target_port="8002") == {"targetPort": 8002}
    assert spec(target_port="http") == {"targetPort": "http"}
    assert spec(max_unavailable="25%") == {"maxUnavailable": "25%"}


def test_labels_and_environment_are_left_alone() -> None:
    """What people named, and values that look like numbers, stay as they are."""
    assert spec(match_labels={"some_label": "10"}, env=[{"name": "a_b", "value": "1"}]) == {
        "matchLabels": {"some_label": "10"},
        "env": [{"name": "a_b", "value": "1"}],
    }


def test_secrets_hold_what_reached_the_provider(objects: list[Manifest], secrets: dict[str, dict[str, str]]) -> None:
    """Encoded as the API wants it."""
    encoded = {each["metadata"]["name"]: each["data"] for each in objects if each["kind"] == "Secret"}

    assert {
        name: {key: b64decode(value).decode() for key, value in data.items()} for name, data in encoded.items()
    } == secrets


def test_every_kubernetes_resource_of_the_plan_is_an_object(deployed: Deployed, objects: list[Manifest]) -> None:
    """None is lost on the way."""
    planned = [each["type"] for each in deployed.plan["resource_changes"] if each["type"].startswith("kubernetes_")]

    assert sorted(each["kind"] for each in objects) == sorted(KINDS[each][1] for each in planned)


def test_lists_of_the_schema_stay_lists(deployed: Deployed) -> None:
    """Every block in the plan of which the provider takes many is known as such, even where there is one of it."""
    schemas = {name: each for provider in load() for name, each in provider.resources.items()}
    many = {
        name
        for each in deployed.plan["resource_changes"]
        if each["type"].startswith("kubernetes_")
        for name in repeatable(schemas[each["type"]]["block"], each["change"]["after"])
    }

    assert many - SINGLE <= REPEATED.keys()
    assert {"container", "env", "ports"} <= many


def repeatable(block: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the blocks used in VALUES, at any depth, of which the schema's BLOCK permits several."""
    for name, inner in block.get("block_types", {}).items():
        used = values.get(name) if inner["nesting_mode"] in {"list", "set"} else None
        if used and inner.get("max_items") != 1:
            yield name
        for each in used or ():
            yield from repeatable(inner["block"], each or {})
