"""What the configuration refuses, and whether it says what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.workspace import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.workspace import Workspace

ONE_NODE = "{ min = 2, desired = 1, max = 4 }"
ADDONS = (
    '{{ coredns = "v1.13.2-eksbuild.31", kube-proxy = "{}", metrics-server = "v0.9.0-eksbuild.6",'
    ' vpc-cni = "v1.22.4-eksbuild.3" }}'
)
REFUSED = [
    pytest.param("db_api_image", f"{REGISTRY}/carepath-db-api:latest", "must end in @sha256:", id="a tag"),
    pytest.param("chat_api_image", f"{REGISTRY}/chat@sha256:abc", "must end in @sha256:", id="a short digest"),
    pytest.param("aws_region", "eu-west-1", "another region's ECR than aws_region = eu-west-1", id="images elsewhere"),
    pytest.param("aws_region", "us_east_1", "such as us-east-1", id="no region"),
    pytest.param("aws_account_id", "12345", "twelve digits", id="no account"),
    pytest.param("vpc_cidr", "10.20.0.0/24", "between /16 and /18", id="a small range"),
    pytest.param("vpc_cidr", "10.20.5.0/16", "first address", id="an address within a range"),
    pytest.param("az_count", "1", "az_count must be 2 or 3", id="one zone"),
    pytest.param("cluster_version", "1.33", "out of standard support", id="an old cluster"),
    pytest.param("addon_versions", '{ coredns = "v1.13.2-eksbuild.31" }', "must name coredns, kube-proxy", id="no pin"),
    pytest.param("addon_versions", ADDONS.format("latest"), "aws eks describe-addon-versions", id="a moving add-on"),
    pytest.param(
        "addon_versions",
        ADDONS.format("v1.34.6-eksbuild.2"),
        "kube-proxy of the cluster's own version",
        id="a kube-proxy behind",
    ),
    pytest.param(
        "certificate_arn", "arn:aws:acm:eu-west-1:1:certificate/x", "acm:us-east-1:", id="a certificate elsewhere"
    ),
    pytest.param("public_access_cidrs", "[]", "must not be empty", id="an API for nobody named"),
    pytest.param("public_access_cidrs", '["0.0.0.0/0"]', "allow_public_api = true", id="an API for everybody"),
    pytest.param("lb_source_ranges", "[]", "must not be empty", id="a load balancer for nobody named"),
    pytest.param("lb_source_ranges", '["0.0.0.0/0"]', "allow_public_chat = true", id="a load balancer for everybody"),
    pytest.param("lb_source_ranges", '["203.0.113.7"]', "203.0.113.7/32", id="an address for a range"),
    pytest.param("node_scaling", ONE_NODE, "1 <= min <= desired <= max", id="fewer nodes than the minimum"),
    pytest.param(
        "scaling", "{ min = 4, max = 3, cpu_percent = 60 }", "2 <= min <= max", id="more pods than the maximum"
    ),
    pytest.param("instance_size", "M5", "must be M0, FLEX, M10, M20 or M30", id="an unknown tier"),
    pytest.param("atlas_org_id", "acme", "24 hexadecimal digits", id="an organisation by name"),
    pytest.param("vector_mode", "faiss", "must be mock or pinecone", id="an unknown vector mode"),
    pytest.param("llm_mode", "gpt", "must be mock, openai or anthropic", id="an unknown model mode"),
    pytest.param("llm_mode", "openai", "set llm_model", id="a real model without a name"),
    pytest.param("llm_base_url", "http://llm.example", "https:// address on port 443", id="a model in the clear"),
    pytest.param("create_atlas", "false", "set TF_VAR_existing_mongodb_uri", id="no Atlas and no database"),
]


# The first row is for every commit.
@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [REFUSED[0], *(pytest.param(*row.values, id=row.id, marks=pytest.mark.slow) for row in REFUSED[1:])],
)
def test_a_value_that_does_not_fit_is_refused(fresh: Workspace, variable: str, value: str, sentence: str) -> None:
    """The plan fails before anything is made, and the message says what to write."""
    assert sentence in fresh.refuse("plan", f"-var={variable}={value}")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("TF_VAR_mongodb_password", "short", "Set TF_VAR_mongodb_password to at least 8 characters"),
        pytest.param("TF_VAR_atlas_org_id", "", "24 hexadecimal digits", marks=pytest.mark.slow),
    ],
)
def test_a_secret_that_does_not_fit_is_refused_unseen(
    fresh: Workspace, variable: str, value: str, sentence: str
) -> None:
    """The message names the variable and never the value."""
    complaint = fresh.refuse("plan", **{variable: value})

    assert sentence in complaint
    assert value == "" or f'"{value}"' not in complaint


@pytest.mark.parametrize(
    ("modes", "variable"),
    [
        (["vector_mode=pinecone"], "TF_VAR_pinecone_api_key"),
        pytest.param(["llm_mode=openai", "llm_model=a-model"], "TF_VAR_llm_api_key", marks=pytest.mark.slow),
        pytest.param(["llm_mode=anthropic", "llm_model=a-model"], "TF_VAR_llm_api_key", marks=pytest.mark.slow),
    ],
)
def test_a_real_mode_without_its_key_is_refused(fresh: Workspace, modes: list[str], variable: str) -> None:
    """It would start and answer nobody; the message says which variable to set."""
    complaint = fresh.refuse("plan", *(f"-var={each}" for each in modes), **{variable: ""})

    assert f"needs a key: set {variable}" in complaint


@pytest.mark.slow
def test_atlas_without_an_organisation_is_refused(fresh: Workspace, tmp_path: Path) -> None:
    """Whoever runs it first is told which variable to set, and of the way without Atlas."""
    workspace = fresh.copy(tmp_path / "terraform")
    workspace.environment = {"TF_VAR_mongodb_password": "long-enough"}

    assert "set TF_VAR_atlas_org_id" in workspace.refuse("plan")


@pytest.mark.parametrize(
    ("module", "right", "wrong"),
    [
        ("network", "cidr_block           = var.vpc_cidr", "cidr_blok = var.vpc_cidr"),
        pytest.param(
            "app",
            "automount_service_account_token  = false",
            "automount_service_acount_token = false",
            marks=pytest.mark.slow,
        ),
        pytest.param("mongo_atlas", "use_effective_fields   =", "use_effective_feilds   =", marks=pytest.mark.slow),
    ],
)
def test_a_misspelt_argument_is_refused(fresh: Workspace, tmp_path: Path, module: str, right: str, wrong: str) -> None:
    """The stand-ins know the published schemas: what those refuse is refused here."""
    workspace = fresh.copy(tmp_path / "terraform")
    path = workspace.folder / "modules" / module / "main.tf"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))

    assert "Unsupported argument" in workspace.refuse("validate")


@pytest.mark.slow
def test_an_open_door_asked_for_by_name_is_allowed(fresh: Workspace) -> None:
    """The refusal of 0.0.0.0/0 guards against accidents, not against a decision."""
    fresh.succeed("plan", '-var=public_access_cidrs=["0.0.0.0/0"]', "-var=allow_public_api=true")


@pytest.mark.slow
def test_too_few_nodes_for_the_autoscalers_are_told(fresh: Workspace) -> None:
    """Nothing adds nodes, so a plan warns when the pods at their most would not fit, and only then."""
    assert "have no room" not in fresh.succeed("plan")

    unknown = " ".join(fresh.succeed("plan", '-var=node_instance_types=["t3.micro"]').split())
    assert "t3.micro has no row" in unknown

    assert "have no room for 26 pods" in " ".join(
        fresh.succeed("plan", "-var=scaling={ min = 3, max = 12, cpu_percent = 60 }").split()
    )
