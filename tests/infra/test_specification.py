"""The specification's rows that name a value, each found in the plan of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.rehearsal.providers.values import at

if TYPE_CHECKING:
    from tests.infra.conftest import Deployed

DB_API = "module.app.kubernetes_deployment_v1.db_api"
CHAT_API = "module.app.kubernetes_deployment_v1.chat_api"
DB_SERVICE = "module.app.kubernetes_service_v1.db_api"
CHAT_SERVICE = "module.app.kubernetes_service_v1.chat_api"
CONTAINER = "spec.0.template.0.spec.0.container.0"
RESOURCES = [{"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": "500m", "memory": "512Mi"}}]

ROWS = [
    pytest.param('module.ecr.aws_ecr_repository.this["db_api"]', "name", "carepath-db-api", id="repository db-api"),
    pytest.param(
        'module.ecr.aws_ecr_repository.this["chat_api"]', "name", "carepath-chat-api", id="repository chat-api"
    ),
    pytest.param("module.app.kubernetes_namespace_v1.this", "metadata.0.name", "carepath-demo", id="namespace"),
    pytest.param(DB_API, "metadata.0.name", "db-api", id="db-api deployment"),
    pytest.param(DB_API, "spec.0.replicas", "3", id="db-api replicas"),
    pytest.param(DB_API, f"{CONTAINER}.resources", RESOURCES, id="db-api resources"),
    pytest.param(DB_API, f"{CONTAINER}.port.0.container_port", 8001, id="db-api container port"),
    pytest.param(DB_API, f"{CONTAINER}.liveness_probe.0.http_get.0.path", "/health", id="db-api liveness"),
    pytest.param(
        DB_API, f"{CONTAINER}.readiness_probe.0.http_get.0.path", "/health?check=ready", id="db-api readiness"
    ),
    pytest.param(DB_SERVICE, "metadata.0.name", "db-api-service", id="db-api service name"),
    pytest.param(DB_SERVICE, "spec.0.type", "ClusterIP", id="db-api service type"),
    pytest.param(DB_SERVICE, "spec.0.port.0.port", 8001, id="db-api service port"),
    pytest.param(CHAT_API, "metadata.0.name", "chat-api", id="chat-api deployment"),
    pytest.param(CHAT_API, "spec.0.replicas", "3", id="chat-api replicas"),
    pytest.param(CHAT_API, f"{CONTAINER}.resources", RESOURCES, id="chat-api resources"),
    pytest.param(CHAT_API, f"{CONTAINER}.port.0.container_port", 8002, id="chat-api container port"),
    pytest.param(CHAT_API, f"{CONTAINER}.liveness_probe.0.http_get.0.path", "/health", id="chat-api liveness"),
    pytest.param(
        CHAT_API, f"{CONTAINER}.readiness_probe.0.http_get.0.path", "/health?check=ready", id="chat-api readiness"
    ),
    pytest.param(CHAT_SERVICE, "metadata.0.name", "chat-api-service", id="chat-api service name"),
    pytest.param(CHAT_SERVICE, "spec.0.type", "LoadBalancer", id="chat-api service type"),
    pytest.param(CHAT_SERVICE, "spec.0.port.0.port", 80, id="chat-api service port"),
    pytest.param(CHAT_SERVICE, "spec.0.port.0.target_port", "8002", id="chat-api service target"),
    pytest.param(
        'module.eks.aws_eks_addon.after_nodes["metrics-server"]',
        "addon_version",
        "v0.9.0-eksbuild.6",
        id="metrics-server",
    ),
    pytest.param("module.eks.aws_eks_node_group.this", "scaling_config.0.min_size", 2, id="nodes at least"),
    pytest.param("module.eks.aws_eks_node_group.this", "scaling_config.0.max_size", 4, id="nodes at most"),
    pytest.param(
        "module.mongo_atlas[0].mongodbatlas_database_user.app", "roles.0.role_name", "readWrite", id="database user"
    ),
]


def planned(deployed: Deployed, address: str) -> dict[str, Any]:
    """Return what the plan makes of the resource at ADDRESS."""
    changes = deployed.plan["resource_changes"]
    after: dict[str, Any] = next(each["change"]["after"] for each in changes if each["address"] == address)
    return after


@pytest.mark.parametrize(("address", "path", "expected"), ROWS)
def test_row(deployed: Deployed, address: str, path: str, expected: object) -> None:
    """The plan holds what the row says."""
    assert expected == at(planned(deployed, address), path)


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        pytest.param("aws_vpc", 1, id="VPC"),
        pytest.param("aws_subnet", 4, id="subnets"),
        pytest.param("aws_internet_gateway", 1, id="internet gateway"),
        pytest.param("aws_nat_gateway", 1, id="NAT gateways"),
        pytest.param("aws_route_table", 3, id="route tables"),
        pytest.param("aws_eks_cluster", 1, id="EKS cluster"),
        pytest.param("aws_eks_node_group", 1, id="managed node group"),
        pytest.param("aws_ecr_repository", 2, id="ECR repositories (one per service)"),
        pytest.param("aws_ecr_lifecycle_policy", 2, id="lifecycle policy"),
        pytest.param("mongodbatlas_advanced_cluster", 1, id="MongoDB Atlas cluster"),
        pytest.param("mongodbatlas_database_user", 1, id="db user"),
        pytest.param("kubernetes_namespace_v1", 1, id="Namespace for app"),
        pytest.param("kubernetes_deployment_v1", 2, id="Deployments for db-api and chat-api"),
        pytest.param("kubernetes_service_v1", 2, id="Services for both"),
        pytest.param("kubernetes_horizontal_pod_autoscaler_v2", 2, id="HPA for autoscaling on CPU"),
    ],
)
def test_component(deployed: Deployed, kind: str, count: int) -> None:
    """The plan makes what the row names, for two zones and two services."""
    made = [each for each in deployed.plan["resource_changes"] if each["mode"] == "managed" and each["type"] == kind]

    assert len(made) == count


@pytest.mark.parametrize("service", ["db-api", "chat-api"])
def test_each_deployment_scales_on_cpu(deployed: Deployed, service: str) -> None:
    """Three to six pods at 60 % of the requested CPU, and its own Deployment is what is scaled."""
    address = f'module.app.kubernetes_horizontal_pod_autoscaler_v2.this["{service.replace("-", "_")}"]'
    spec = planned(deployed, address)["spec"][0]

    assert (spec["min_replicas"], spec["max_replicas"]) == (3, 6)
    assert at(spec, "metric.0.resource.0.target.0.average_utilization") == 60
    assert at(spec, "scale_target_ref.0.name") == service


def test_db_api_takes_its_database_from_a_secret(deployed: Deployed) -> None:
    """MONGODB_URI comes from the Secret, MONGODB_DB_NAME is plain."""
    env = {each["name"]: each for each in at(planned(deployed, DB_API), f"{CONTAINER}.env")}

    assert at(env["MONGODB_URI"], "value_from.0.secret_key_ref.0.name") == "mongodb"
    assert env["MONGODB_DB_NAME"]["value"] == "carepath"


def test_chat_api_knows_db_api_by_its_service(deployed: Deployed) -> None:
    """The address is the cluster's own, both modes are mock, Pinecone's settings come from a Secret."""
    env = {each["name"]: each for each in at(planned(deployed, CHAT_API), f"{CONTAINER}.env")}

    assert env["DB_API_BASE_URL"]["value"] == "http://db-api-service.carepath-demo.svc.cluster.local:8001"
    assert env["LLM_MODE"]["value"] == "mock"
    assert env["VECTOR_MODE"]["value"] == "mock"
    for name in ("PINECONE_API_KEY", "PINECONE_ENVIRONMENT", "PINECONE_INDEX_NAME"):
        assert at(env[name], "value_from.0.secret_key_ref.0") == {"key": name, "name": "pinecone", "optional": None}


@pytest.mark.parametrize("address", [DB_API, CHAT_API, "module.app.kubernetes_job_v1.demo_data[0]"])
def test_pods_are_stricter_than_the_restricted_rules(deployed: Deployed, address: str) -> None:
    """The namespace enforces those (see kubernetes/); nothing enforces these: a known user, no token, no disk."""
    labels = planned(deployed, "module.app.kubernetes_namespace_v1.this")["metadata"][0]["labels"]
    pod = at(planned(deployed, address), "spec.0.template.0.spec.0")
    inside = at(pod, "container.0.security_context.0")

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert at(pod, "security_context.0.run_as_user") == "10001"
    assert inside["read_only_root_filesystem"] is True
    assert pod["automount_service_account_token"] is False
    assert [each["empty_dir"] is not None for each in pod["volume"]] == [True]


def test_only_the_needed_ways_are_open(deployed: Deployed) -> None:
    """In mock mode chat-api reaches db-api and DNS; nobody but chat-api reaches db-api."""
    policies = {
        each["change"]["after"]["metadata"][0]["name"]: each["change"]["after"]["spec"][0]
        for each in deployed.plan["resource_changes"]
        if each["type"] == "kubernetes_network_policy_v1"
    }

    assert policies["default-deny"]["pod_selector"] == [{"match_expressions": [], "match_labels": None}]
    assert (policies["default-deny"]["ingress"], policies["default-deny"]["egress"]) == ([], [])
    assert policies["chat-external"]["egress"] == []
    assert at(policies["db-from-chat-ingress"], "ingress.0.from.0.pod_selector.0.match_labels") == {
        "app.kubernetes.io/name": "chat-api"
    }
    assert set(policies) == {
        "allow-dns",
        "chat-external",
        "chat-to-db-egress",
        "db-from-chat-ingress",
        "db-to-mongo",
        "default-deny",
    }
