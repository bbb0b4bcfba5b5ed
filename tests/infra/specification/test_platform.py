"""Sections 3, 5 and 6 of the specification, registry, autoscaling and Atlas: one case for each row."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.infra.specification.reading import look, made

if TYPE_CHECKING:
    from tests.infra.conftest import Deployed

USER = "module.mongo_atlas[0].mongodbatlas_database_user.app"
CLUSTER = "module.mongo_atlas[0].mongodbatlas_advanced_cluster.this"
NODES = "module.eks.aws_eks_node_group.this.scaling_config.0"
METRIC = "spec.0.metric.0"


def repository(name: str) -> str:
    return f'module.ecr.aws_ecr_repository.this["{name}"]'


def autoscaler(name: str) -> str:
    return f'module.app.kubernetes_horizontal_pod_autoscaler_v2.this["{name.replace("-", "_")}"]'


def each_autoscaler(name: str) -> list[object]:
    """Return the rows that both autoscalers have."""
    hpa, target = autoscaler(name), "spec.0.scale_target_ref.0"
    return [
        pytest.param(hpa, f"{target}.kind", "Deployment", id=f"hpa-{name}-targets-a-deployment"),
        pytest.param(hpa, f"{target}.name", name, id=f"hpa-{name}-targets-{name}"),
        pytest.param(hpa, "spec.0.min_replicas", 3, id=f"hpa-{name}-min-3"),
        pytest.param(hpa, "spec.0.max_replicas", 6, id=f"hpa-{name}-max-6"),
        pytest.param(hpa, f"{METRIC}.resource.0.name", "cpu", id=f"hpa-{name}-on-cpu"),
        pytest.param(
            hpa, f"{METRIC}.resource.0.target.0.average_utilization", 60, id=f"hpa-{name}-target-cpu-60-percent"
        ),
    ]


ROWS = [
    pytest.param(repository("db_api"), "name", "carepath-db-api", id="ecr-repository-carepath-db-api"),
    pytest.param(repository("chat_api"), "name", "carepath-chat-api", id="ecr-repository-carepath-chat-api"),
    *each_autoscaler("db-api"),
    *each_autoscaler("chat-api"),
    pytest.param("module.eks.aws_eks_node_group.this", "scaling_config.0.min_size", 2, id="eks-nodes-min_size-2"),
    pytest.param("module.eks.aws_eks_node_group.this", "scaling_config.0.max_size", 4, id="eks-nodes-max_size-4"),
    pytest.param(
        CLUSTER,
        "replication_specs.0.region_configs.0.electable_specs.instance_size",
        "M0",
        id="atlas-cluster-free-tier",
    ),
    pytest.param(USER, "roles.0.role_name", "readWrite", id="atlas-user-reads-and-writes"),
    pytest.param(USER, "roles.0.database_name", "carepath", id="atlas-user-of-one-database"),
    pytest.param(USER, "scopes.0.name", "carepath-demo", id="atlas-user-of-one-cluster"),
]


@pytest.mark.parametrize(("address", "path", "expected"), ROWS)
def test_row(deployed: Deployed, address: str, path: str, expected: object) -> None:
    """The plan holds what the row says."""
    assert look(deployed.plan, address, path) == expected


@pytest.mark.parametrize("name", [pytest.param(each, id=f"ecr-lifecycle-{each}") for each in ("db_api", "chat_api")])
def test_last_images_are_kept(deployed: Deployed, name: str) -> None:
    """Each repository keeps its last images and lets the older ones go."""
    policy = json.loads(look(deployed.plan, f'module.ecr.aws_ecr_lifecycle_policy.this["{name}"]', "policy"))

    assert [
        each["selection"]["countNumber"] for each in policy["rules"] if each["selection"]["tagStatus"] == "any"
    ] == [50]


@pytest.mark.parametrize(
    ("output", "repository"),
    [
        pytest.param("db_api_repo_url", "carepath-db-api", id="ecr-output-db_api_repo_url"),
        pytest.param("chat_api_repo_url", "carepath-chat-api", id="ecr-output-chat_api_repo_url"),
    ],
)
def test_repository_is_told(deployed: Deployed, output: str, repository: str) -> None:
    """The output is where docker pushes to."""
    url = json.loads(deployed.workspace.succeed("output", "-json", output))

    assert re.fullmatch(rf"\d{{12}}\.dkr\.ecr\.us-east-1\.amazonaws\.com/{repository}", url)


@pytest.mark.parametrize("name", [pytest.param("mongodb", id="atlas-output-mongodb_connection_string-in-the-secret")])
def test_address_reaches_the_secret(deployed: Deployed, secrets: dict[str, dict[str, str]], name: str) -> None:
    """The Secret's MONGODB_URI is the cluster's own address with the user's name, which no plan can show."""
    host = look(json_state(deployed), CLUSTER, "connection_strings.standard_srv").removeprefix("mongodb+srv://")

    assert re.fullmatch(
        rf"mongodb\+srv://carepath-db-api:[^@/]+@{re.escape(host)}/carepath\?\S+", secrets[name]["MONGODB_URI"]
    )


@pytest.mark.parametrize("kind", [pytest.param("mongodbatlas_cluster", id="atlas-cluster-not-the-withdrawn-resource")])
def test_cluster_is_todays_resource(deployed: Deployed, kind: str) -> None:
    """The one cluster is made by the resource that the provider goes on with."""
    assert made(deployed.plan, kind) == []


def json_state(deployed: Deployed) -> dict[str, object]:
    """Return the state in the form of a plan's changes, which `look` reads."""
    shown = json.loads(deployed.workspace.succeed("show", "-json"))
    modules = shown["values"]["root_module"]["child_modules"]
    return {
        "resource_changes": [
            {"address": each["address"], "change": {"after": each["values"]}}
            for module in modules
            for each in module["resources"]
        ]
    }
