"""
The published aws provider makes network, ecr and eks on moto, and takes them down again.

Run by `nox -s infra -- --real-providers`; skipped, with the reason, elsewhere. Where the registry cannot be reached,
TF_CLI_CONFIG_FILE names a mirror that holds hashicorp/aws.

Moto ends before AWS does: it answers 404 to the calls of the add-ons, which are left out (aws/addons_override.tf), and
it tells of three resources otherwise than it was told, which the second plan shows (WRONG).
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from ci.rehearsal.aws import aws_api
from tests.infra.workspace import Workspace, changes, copied, initialised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).with_name("aws")
ROOT = "envs/aws"
REGION = "us-east-1"
TEMPLATE = "module.eks.aws_launch_template.nodes"
# Resource -> what moto does not tell again as it was told. It forgets access_config, upgrade_policy, update_config and
# node_repair_config, invents a key to log in to the nodes with, and counts the template's own tags among those of what
# is started from it. What cannot change makes cluster and node group anew.
WRONG = {
    "module.eks.aws_eks_cluster.this": {"access_config", "upgrade_policy"},
    "module.eks.aws_eks_node_group.this": {"node_repair_config", "remote_access", "update_config"},
    TEMPLATE: {"tag_specifications"},
}


@dataclass(frozen=True)
class Made:
    """What the provider made: the workspace, whose endpoint answers for AWS, and the plan it came from."""

    workspace: Workspace
    endpoint: str
    plan: dict[str, Any]

    def client(self, name: str) -> Any:
        credentials = {"aws_access_key_id": "planted-id", "aws_secret_access_key": "planted-secret"}
        return boto3.client(name, region_name=REGION, endpoint_url=self.endpoint, **credentials)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Plan and apply the three modules once, by the published provider."""
    if not request.config.getoption("--real-providers", default=False):
        pytest.skip("asks for the published aws provider: nox -s infra -- --real-providers")
    pytest.importorskip("moto.server", reason="moto's server, the stand-in for AWS, is not installed")
    tree = copied(tmp_path_factory.mktemp("aws") / "terraform")
    tree.joinpath(ROOT).mkdir()
    shutil.copy(FOLDER / "main.tf", tree / ROOT)
    shutil.copy(FOLDER / "addons_override.tf", tree / "modules/eks")
    with pytest.MonkeyPatch.context() as patch:
        # AWS's own policies, such as AmazonEKSWorkerNodePolicy; moto leaves them out unless asked.
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        with aws_api() as endpoint:
            workspace = initialised(tree, {}, ROOT)
            workspace.environment = {"TF_VAR_endpoint": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
            plan = workspace.plan()
            workspace.succeed("apply", "tfplan")
            yield Made(workspace, endpoint, plan)


def test_all_three_modules_are_made(real: Made) -> None:
    """The provider takes every argument and AWS's stand-in every call."""
    modules = {address.split(".")[1] for address in changes(real.plan)}
    outputs = {name: each["value"] for name, each in json.loads(real.workspace.succeed("output", "-json")).items()}

    assert modules == {"network", "ecr", "eks"}
    assert all(re.fullmatch(r"[\d.]+", each) for each in outputs["nat_public_ips"].values())
    assert [each.rpartition("/")[2] for each in outputs["repositories"]] == ["carepath-db-api", "carepath-chat-api"]
    assert outputs["cluster_endpoint"].startswith("https://")


def test_what_was_made_is_there(real: Made) -> None:
    """Not only the state says so: the API is asked."""
    (cluster,) = real.client("eks").list_clusters()["clusters"]
    said = real.client("eks").describe_cluster(name=cluster)["cluster"]
    repositories = real.client("ecr").describe_repositories()["repositories"]
    subnets = real.client("ec2").describe_subnets(Filters=[{"Name": "tag:Project", "Values": ["carepath"]}])["Subnets"]

    assert (cluster, said["version"], said["status"]) == ("carepath-test", "1.35", "ACTIVE")
    assert real.client("eks").list_nodegroups(clusterName=cluster)["nodegroups"] != []
    assert {each["imageTagMutability"] for each in repositories} == {"IMMUTABLE"}
    assert len(subnets) == 4


def test_a_second_plan_finds_what_moto_answers_wrongly_and_nothing_else(real: Made) -> None:
    """What was applied is what was asked for, as far as the API that is asked again can say."""
    plan = real.workspace.plan()
    found = {each["address"]: each["change"] for each in plan["resource_changes"] if each["address"] in changes(plan)}

    assert {address: differing(change) for address, change in found.items()} == WRONG
    assert [each for each in named(found) if each not in wanted(found)] == ["launch-template"]


def differing(change: Mapping[str, Any]) -> set[str]:
    """Return the arguments that CHANGE would set to another value; what only follows from them is not known yet."""
    before, after, unknown = (change[each] for each in ("before", "after", "after_unknown"))
    known = [name for name in after if not is_open(unknown.get(name))]
    return {name for name in known if (before[name] or None) != (after[name] or None)}


def is_open(unknown: Any) -> bool:
    """Return whether anything in UNKNOWN, a part of after_unknown, is not known yet."""
    if isinstance(unknown, dict):
        return any(map(is_open, unknown.values()))
    return any(map(is_open, unknown)) if isinstance(unknown, list) else bool(unknown)


def named(found: Mapping[str, Any]) -> list[str]:
    return [each["resource_type"] for each in found[TEMPLATE]["before"]["tag_specifications"]]


def wanted(found: Mapping[str, Any]) -> list[str]:
    return [each["resource_type"] for each in found[TEMPLATE]["after"]["tag_specifications"]]


def test_a_destroy_leaves_nothing(real: Made) -> None:
    """State and account are empty afterwards. It comes last, for what it takes down."""
    real.workspace.succeed("destroy", "-auto-approve")
    tagged = [{"Name": "tag:Project", "Values": ["carepath"]}]

    assert json.loads(real.workspace.succeed("show", "-json")).get("values") is None
    assert real.client("eks").list_clusters()["clusters"] == []
    assert real.client("ecr").describe_repositories()["repositories"] == []
    assert real.client("ec2").describe_vpcs(Filters=tagged)["Vpcs"] == []
    assert real.client("ec2").describe_addresses()["Addresses"] == []
    assert real.client("ec2").describe_launch_templates()["LaunchTemplates"] == []
    assert real.client("logs").describe_log_groups()["logGroups"] == []
    assert [
        each["RoleName"] for each in real.client("iam").list_roles()["Roles"] if "carepath" in each["RoleName"]
    ] == []
