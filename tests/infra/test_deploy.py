"""The demo, planned, applied and destroyed by real Terraform against stand-ins of its providers."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from pymongo.uri_parser import parse_userinfo

from tests.infra.workspace import PASSWORD, VARIABLES, changes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import Deployed
    from tests.infra.workspace import Workspace

OUTPUTS = {
    "db_api_repo_url",
    "chat_api_repo_url",
    "cluster_name",
    "cluster_endpoint",
    "namespace",
    "chat_api_hostname",
    "chat_api_url",
    "deployed_images",
    "configure_kubectl",
}
DB_API = "module.app.kubernetes_deployment_v1.db_api"
CHAT_API = "module.app.kubernetes_deployment_v1.chat_api"
WAY_OUT = "module.app.kubernetes_network_policy_v1.chat_external"
OTHER_IMAGE = VARIABLES["db_api_image"].replace("d" * 64, "e" * 64)


def test_a_second_plan_is_empty(deployed: Deployed) -> None:
    """What was applied is what was asked for: nothing is left to do."""
    assert changes(deployed.workspace.plan()) == {}


def test_the_whole_plan_only_creates(deployed: Deployed) -> None:
    """A first deploy makes something in each module and touches nothing that exists."""
    planned = changes(deployed.plan)
    modules = Counter(re.match(r"module\.\w+", address)[0] for address in planned)  # type: ignore[index]  # all match

    assert {tuple(actions) for actions in planned.values()} == {("create",)}
    assert set(modules) == {"module.network", "module.eks", "module.ecr", "module.mongo_atlas", "module.app"}


def test_the_password_reaches_atlas_and_the_pods(deployed: Deployed, secrets: dict[str, dict[str, str]]) -> None:
    """What is kept nowhere still arrives, and any driver reads the same password out of the address."""
    users = [config["password_wo"] for kind, config in deployed.applied if kind == "mongodbatlas_database_user"]
    uri = secrets["mongodb"]["MONGODB_URI"]

    assert users[0] == PASSWORD
    assert re.fullmatch(r"mongodb\+srv://[^@/]+@[^@/:]+/carepath\?retryWrites=true&w=majority", uri)
    userinfo = uri.removeprefix("mongodb+srv://").partition("@")[0]
    assert parse_userinfo(userinfo) == ("carepath-db-api", PASSWORD)
    assert unquote(userinfo) == f"carepath-db-api:{PASSWORD}", "only some drivers read a plus sign as a blank"


def test_outputs_are_what_people_and_pipeline_read(deployed: Deployed) -> None:
    """Exactly the promised outputs, none of them sensitive, the images as deployed."""
    found = json.loads(deployed.workspace.succeed("output", "-json"))

    assert set(found) == OUTPUTS
    assert not any(each["sensitive"] for each in found.values())
    assert found["deployed_images"]["value"] == {
        "db_api": VARIABLES["db_api_image"],
        "chat_api": VARIABLES["chat_api_image"],
    }
    assert found["chat_api_url"]["value"] == f"http://{found['chat_api_hostname']['value']}"


@pytest.mark.slow
def test_the_repositories_come_first_and_alone(fresh: Workspace, tmp_path: Path) -> None:
    """Images can be pushed before anything else exists, and nothing is said to be deployed by then."""
    workspace = fresh.copy(tmp_path / "terraform")

    planned = changes(workspace.plan("-target=module.ecr"))
    workspace.succeed("apply", "tfplan")

    assert {address.split(".")[1] for address in planned} == {"ecr"}
    assert set(json.loads(workspace.succeed("output", "-json"))) == {"db_api_repo_url", "chat_api_repo_url"}


def test_a_new_password_rolls_db_api_alone(deployed: Deployed) -> None:
    """Raising the revision sends the password to Atlas and the Secret, and makes new pods of db-api only."""
    plan = deployed.workspace.plan("-var=mongodb_password_revision=2", TF_VAR_mongodb_password="another-password")

    assert changes(plan) == {
        "module.mongo_atlas[0].mongodbatlas_database_user.app": ["update"],
        "module.app.kubernetes_secret_v1.mongodb": ["update"],
        DB_API: ["update"],
    }


@pytest.mark.parametrize(
    ("variables", "secret", "beside"),
    [
        pytest.param(["pinecone_index=other-documents"], "pinecone", (), id="another index"),
        pytest.param(
            ["vector_mode=pinecone"],
            "pinecone",
            (WAY_OUT,),
            id="a key that was not needed before",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["llm_mode=openai", "llm_model=a-model"],
            "llm",
            (WAY_OUT,),
            id="a model for the mock",
            marks=pytest.mark.slow,
        ),
        pytest.param(["llm_api_key_revision=2"], "llm", (), id="a new key", marks=pytest.mark.slow),
        pytest.param(["phi_hash_key_revision=2"], "llm", (), id="a new key of hashes", marks=pytest.mark.slow),
    ],
)
def test_what_is_in_a_secret_rolls_chat_api_alone(
    deployed: Deployed, variables: list[str], secret: str, beside: tuple[str, ...]
) -> None:
    """What is in a Secret is not compared, yet a change of it reaches the pods."""
    plan = deployed.workspace.plan(*(f"-var={each}" for each in variables))

    expected = {f"module.app.kubernetes_secret_v1.{secret}", CHAT_API, *beside}
    assert changes(plan) == {each: ["update"] for each in expected}


@pytest.mark.slow
def test_a_new_token_rolls_both(deployed: Deployed) -> None:
    """One service shows it and the other asks for it."""
    plan = deployed.workspace.plan("-var=service_token_revision=2")

    expected = {"module.app.kubernetes_secret_v1.service_token", CHAT_API, DB_API}
    assert changes(plan) == {each: ["update"] for each in expected}


def test_db_api_is_rolled_out_before_chat_api(deployed: Deployed, tmp_path: Path) -> None:
    """A new chat-api may send what an old db-api refuses, and turns that are refused are lost."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")
    images = [f"-var={name}={VARIABLES[name][:-64]}{'e' * 64}" for name in VARIABLES]

    events = _events(workspace.succeed("apply", *images, "-auto-approve", "-json"))

    assert events.index(("apply_complete", DB_API)) < events.index(("apply_start", CHAT_API))


@pytest.mark.slow
def test_the_autoscalers_own_the_number_of_replicas(deployed: Deployed, tmp_path: Path) -> None:
    """Six pods under load stay six, whatever the next apply is for."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")
    path = workspace.demo / "terraform.tfstate"
    state = json.loads(path.read_text())
    for spec in _specs(state, "kubernetes_deployment_v1"):
        spec["replicas"] = "6"
    path.write_text(json.dumps(state))

    plan = workspace.plan(f"-var=db_api_image={OTHER_IMAGE}")

    assert changes(plan) == {DB_API: ["update"]}
    assert _after(plan, DB_API)["spec"][0]["replicas"] == "6"


def test_destroy_takes_the_app_down_before_its_cluster(deployed: Deployed, tmp_path: Path) -> None:
    """The load balancer goes while its controller still runs, the VPC goes last, and no state is left."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")

    events = _events(workspace.succeed("destroy", "-auto-approve", "-json"))
    order = [
        "module.app.kubernetes_service_v1.chat_api",
        "module.app.kubernetes_namespace_v1.this",
        'module.eks.aws_eks_addon.after_nodes["metrics-server"]',
        "module.eks.aws_eks_node_group.this",
        "module.eks.aws_eks_cluster.this",
        'module.network.aws_route_table_association.public["us-east-1b"]',
        "module.network.aws_vpc.this",
    ]

    assert workspace.state()["resources"] == []
    for earlier, later in pairwise(order):
        assert events.index(("apply_complete", earlier)) < events.index(("apply_start", later)), (earlier, later)


def _events(said: str) -> list[tuple[str, str]]:
    """Return what Terraform SAID, with -json, that it began and ended, and at which address."""
    told = [json.loads(line) for line in said.splitlines()]
    return [(each["type"], each["hook"]["resource"]["addr"]) for each in told if "hook" in each]


def _specs(state: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [each for each in state["resources"] if each["type"] == kind]
    return [instance["attributes"]["spec"][0] for each in found for instance in each["instances"]]


def _after(plan: dict[str, Any], address: str) -> dict[str, Any]:
    after: dict[str, Any] = next(
        each["change"]["after"] for each in plan["resource_changes"] if each["address"] == address
    )
    return after
