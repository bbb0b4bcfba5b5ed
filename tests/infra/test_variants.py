"""The choices that terraform.tfvars leaves open, each planned whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.rehearsal.providers.values import at

if TYPE_CHECKING:
    from tests.infra.workspace import Workspace

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"


def planned(plan: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return what PLAN makes of every resource of the type KIND."""
    return [each["change"]["after"] for each in plan["resource_changes"] if each["type"] == kind]


@pytest.mark.parametrize(
    ("size", "provider", "electable", "backup"),
    [
        pytest.param("M0", "TENANT", {"instance_size": "M0"}, None, marks=pytest.mark.slow),
        pytest.param("FLEX", "FLEX", None, None, marks=pytest.mark.slow),
        ("M10", "AWS", {"instance_size": "M10", "node_count": 3}, True),
    ],
)
def test_each_tier_is_given_what_it_takes(
    fresh: Workspace, size: str, provider: str, electable: dict[str, Any] | None, backup: bool | None
) -> None:
    """A shared cluster refuses what a dedicated one needs."""
    cluster = planned(fresh.plan(f"-var=instance_size={size}"), "mongodbatlas_advanced_cluster")[0]
    region = at(cluster, "replication_specs.0.region_configs.0")
    specs = {name: each for name, each in (region.get("electable_specs") or {}).items() if each is not None}

    assert (region["provider_name"], region["region_name"]) == (provider, "US_EAST_1")
    assert specs == (electable or {})
    assert cluster.get("backup_enabled") is backup
    assert cluster.get("mongo_db_major_version") == (None if backup is None else "8.0")


def test_a_database_of_ones_own_needs_no_atlas(fresh: Workspace) -> None:
    """The address goes into the Secret, and nothing of Atlas is made."""
    plan = fresh.plan("-var=create_atlas=false", TF_VAR_existing_mongodb_uri="mongodb://db.example/carepath")

    assert not any(each["type"].startswith("mongodbatlas_") for each in plan["resource_changes"])
    assert "db.example" not in str(plan)


@pytest.mark.slow
def test_a_gateway_for_each_zone(fresh: Workspace) -> None:
    """Three zones stand on their own: subnets, gateways and the database's access list."""
    plan = fresh.plan("-var=az_count=3", "-var=single_nat_gateway=false", "-var=enable_flow_logs=true")
    cidrs = [each["cidr_block"] for each in planned(plan, "aws_subnet")]

    assert len(cidrs) == len(set(cidrs)) == 6
    assert len(planned(plan, "aws_nat_gateway")) == 3
    assert len(planned(plan, "mongodbatlas_project_ip_access_list")) == 3
    assert len(planned(plan, "aws_flow_log")) == 1


def test_a_certificate_closes_the_plain_port(fresh: Workspace) -> None:
    """With a certificate the load balancer serves HTTPS and nothing else."""
    services = planned(fresh.plan(f"-var=certificate_arn={CERTIFICATE}"), "kubernetes_service_v1")
    ports = {each["metadata"][0]["name"]: [port["port"] for port in each["spec"][0]["port"]] for each in services}

    assert ports == {"db-api-service": [8001], "chat-api-service": [443]}


@pytest.mark.parametrize(
    "modes",
    [
        pytest.param(["vector_mode=pinecone"], id="pinecone"),
        pytest.param(["llm_mode=openai", "llm_model=a-model"], id="openai", marks=pytest.mark.slow),
        pytest.param(["llm_mode=anthropic", "llm_model=a-model"], id="anthropic", marks=pytest.mark.slow),
    ],
)
def test_a_mode_that_asks_outside_opens_the_way_outside(fresh: Workspace, modes: list[str]) -> None:
    """HTTPS to the internet is open to chat-api when a mode needs it; the VPC's own addresses stay closed."""
    plan = fresh.plan(*(f"-var={each}" for each in modes))
    policies = {each["metadata"][0]["name"]: each["spec"][0] for each in planned(plan, "kubernetes_network_policy_v1")}
    chat = policies["chat-external"]

    assert at(chat, "pod_selector.0.match_labels") == {"app.kubernetes.io/name": "chat-api"}
    assert [at(each, "ports.0.port") for each in chat["egress"]] == ["443"]
    assert at(chat, "egress.0.to.0.ip_block.0.except") == ["10.20.0.0/16", "169.254.0.0/16"]
    assert "planted" not in str(plan)
