"""What the demo's plan holds beyond the specification: metrics for the autoscalers, strict pods, closed ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.rehearsal.providers.values import at
from tests.infra.specification.reading import CHAT_API, DB_API, POD, look, made

if TYPE_CHECKING:
    from tests.infra.conftest import Deployed

METRICS_SERVER = 'module.eks.aws_eks_addon.after_nodes["metrics-server"]'
NAMESPACE = "module.app.kubernetes_namespace_v1.this"


def test_the_autoscalers_have_metrics(deployed: Deployed) -> None:
    """Without this add-on they know no load and do nothing."""
    assert look(deployed.plan, METRICS_SERVER, "addon_version") == "v0.9.0-eksbuild.6"


def test_what_is_started_is_counted_like_what_is_made(deployed: Deployed) -> None:
    """Machines, disks, interfaces and the load balancer bear the tags of all else, so a budget by tag sees them."""
    tags = {"Project": "carepath", "Environment": "demo", "ManagedBy": "terraform"}
    (template,) = made(deployed.plan, "aws_launch_template")
    annotations = look(deployed.plan, "module.app.kubernetes_service_v1.chat_api", "metadata.0.annotations")

    assert look(deployed.plan, "module.network.aws_vpc.this", "tags_all").items() >= tags.items()
    assert {each["resource_type"]: each["tags"] for each in look(deployed.plan, template, "tag_specifications")} == {
        kind: {**tags, "Name": "carepath-demo-node"} for kind in ("instance", "network-interface", "volume")
    }
    assert annotations["service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags"] == ",".join(
        f"{name}={value}" for name, value in sorted(tags.items())
    )


@pytest.mark.parametrize("address", [DB_API, CHAT_API, "module.app.kubernetes_job_v1.demo_data[0]"])
def test_pods_are_stricter_than_the_restricted_rules(deployed: Deployed, address: str) -> None:
    """The namespace enforces those (see kubernetes/); nothing enforces these: a known user, no token, no disk."""
    labels = look(deployed.plan, NAMESPACE, "metadata.0.labels")
    pod = look(deployed.plan, address, POD)
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
