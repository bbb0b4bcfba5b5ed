"""Made-up values look like real ones, and are the same each time."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from ci.rehearsal.providers.invent import fill
from ci.rehearsal.providers.plan import plan
from ci.rehearsal.providers.schema import load
from ci.rehearsal.providers.values import UNKNOWN

BLOCKS = {name: each["block"] for own in load() for name, each in own.resources.items()}


def made(kind: str, **told: Any) -> dict[str, Any]:
    """Return a new resource of the type KIND with nothing but TOLD in its configuration."""
    block = BLOCKS[kind]
    blocks = block.get("block_types", {})
    empty: dict[str, Any] = {
        **dict.fromkeys(block["attributes"]),
        **{name: None if each["nesting_mode"] == "single" else [] for name, each in blocks.items()},
    }
    return fill(kind, block, plan(block, {**empty, **told}, None), "eu-central-1")


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_nothing_stays_unknown(kind: str) -> None:
    """Terraform takes no unknown value into the state."""
    words = {"cluster_name": "c", "addon_name": "a", "role": "r", "principal_arn": "p"}
    told = {name: each for name, each in words.items() if name in BLOCKS[kind]["attributes"]}

    assert UNKNOWN not in made(kind, **told).values()


def test_two_resources_differ_and_each_stays_itself() -> None:
    """The value depends on what is configured and on nothing else."""
    first, second = made("aws_eip", tags={"Name": "a"}), made("aws_eip", tags={"Name": "b"})

    assert first["id"] != second["id"]
    assert first == made("aws_eip", tags={"Name": "a"})


def test_addresses_are_reserved_for_documentation() -> None:
    """No address made up here belongs to anybody."""
    assert re.fullmatch(r"203\.0\.113\.\d{1,3}", made("aws_eip")["public_ip"])


def test_a_cluster_can_be_talked_to() -> None:
    """What the kubernetes provider is configured with has the right form."""
    cluster = made("aws_eks_cluster", name="demo")

    assert cluster["endpoint"].endswith(".gr7.eu-central-1.eks.amazonaws.com")
    assert base64.b64decode(cluster["certificate_authority"][0]["data"], validate=True)
    assert cluster["arn"] == "arn:aws:eks:eu-central-1:123456789012:cluster/demo"
    assert cluster["identity"][0]["oidc"][0]["issuer"].startswith("https://oidc.eks.")


def test_a_prefix_becomes_a_name() -> None:
    """A generated name begins with its prefix and is what the resource is known by."""
    role = made("aws_iam_role", name_prefix="demo-node-")

    assert re.fullmatch(r"demo-node-[0-9a-f]{8}", role["name"])
    assert role["id"] == role["name"]


def test_atlas_tells_where_the_cluster_is() -> None:
    """The address has the scheme that the connection string is built on, and its other forms stay empty."""
    strings = made("mongodbatlas_advanced_cluster", name="demo")["connection_strings"]

    assert re.fullmatch(r"mongodb\+srv://demo\.[0-9a-f]{8}\.mongodb\.net", strings["standard_srv"])
    assert strings["private_endpoint"] == []


@pytest.mark.parametrize(("kind", "hosts"), [("LoadBalancer", 1), ("ClusterIP", 0)])
def test_only_a_load_balancer_has_a_host_name(kind: str, hosts: int) -> None:
    """A Service inside the cluster is not given a public name."""
    empty = dict.fromkeys(BLOCKS["kubernetes_service_v1"]["block_types"]["spec"]["block"]["attributes"])
    spec: dict[str, Any] = {**empty, "type": kind, "port": [], "session_affinity_config": []}

    assert len(made("kubernetes_service_v1", spec=[spec])["status"][0]["load_balancer"][0]["ingress"]) == hosts
