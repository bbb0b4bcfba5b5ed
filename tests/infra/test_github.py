"""Whom GitHub's workflows may act as: the trust of each role, and that none may do more than it is for."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest

from ci.rehearsal.aws import aws_api
from ci.rehearsal.providers import reattach
from ci.settings import ROOT
from tests.infra.workspace import SURROUNDING, terraform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ci.rehearsal.providers import ProviderServer

FOLDER = ROOT / "infra/github"
ACCOUNT = "123456789012"
TOLD = {
    "aws_account_id": ACCOUNT,
    "aws_region": "us-east-1",
    "owner": "team",
    "owner_id": "7",
    "repository": "carepath",
    "repository_id": "42",
}
ISSUER = "token.actions.githubusercontent.com"
OLD, NEW = "repo:team/carepath:", "repo:team@7/carepath@42:"
# What has no API operation of the same name in AWS's own description of the service.
NO_OPERATION = {
    *("s3:ListBucket", "s3:GetObjectVersion", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"),
    *("s3:PutBucketPublicAccessBlock", "kms:ListResourceTags", "logs:CreateLogDelivery", "logs:DeleteLogDelivery"),
    *("iam:PassRole", "logs:ListTagsForResource"),
}
# What cannot be narrowed to a resource, each with its reason beside the statement.
ANYWHERE = {"Describe", "Addons", "TryTemplate", "MakeKey", "DeliverLogs"}

Policies = dict[str, dict[str, list[dict[str, Any]]]]


def run(folder: Path, stand_ins: ProviderServer, *arguments: str, **told: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in FOLDER with the variables TOLD."""
    surrounding = {name: value for name, value in os.environ.items() if not name.startswith(SURROUNDING)}
    variables = {f"TF_VAR_{name}": value for name, value in {**TOLD, **told}.items()}
    providers = {"TF_REATTACH_PROVIDERS": reattach(stand_ins.addresses, os.getpid())}
    return subprocess.run(
        [*terraform(), *arguments],
        cwd=folder,
        env={**surrounding, **variables, **providers, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, stand_ins: ProviderServer) -> Path:
    """Copy the root, with its state in a file, and initialise it."""
    copy = tmp_path_factory.mktemp("github") / "github"
    shutil.copytree(FOLDER, copy)
    (copy / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    done = run(copy, stand_ins, "init", "-input=false", "-no-color")
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def planned(root: Path, stand_ins: ProviderServer) -> dict[str, dict[str, Any]]:
    """Plan it; return address -> what is planned there."""
    done = run(root, stand_ins, "plan", "-input=false", "-no-color", "-out=tfplan")
    assert done.returncode == 0, done.stderr
    shown = json.loads(run(root, stand_ins, "show", "-json", "tfplan").stdout)
    return {each["address"]: each["change"]["after"] for each in shown["resource_changes"]}


@pytest.fixture
def trust(planned: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return role -> the statements of who may take it."""
    pattern = re.compile(r'^aws_iam_role\.this\["(\w+)"\]$')
    return {
        match[1]: json.loads(after["assume_role_policy"])["Statement"]
        for address, after in planned.items()
        if (match := pattern.match(address))
    }


@pytest.fixture(scope="module")
def policies(planned: dict[str, dict[str, Any]]) -> Policies:
    """Return role -> policy -> statements."""
    found: Policies = {}
    for address, after in planned.items():
        if match := re.match(r'^aws_iam_policy\.this\["(\w+)-(\w+)"\]$', address):
            found.setdefault(match[1], {})[match[2]] = json.loads(after["policy"])["Statement"]
    return found


def allowed(policies: Policies, role: str) -> set[str]:
    return {action for statements in policies[role].values() for each in statements for action in each["Action"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner", "*"),
        pytest.param("repository", "care*", marks=pytest.mark.slow),
        pytest.param("aws_account_id", "1", marks=pytest.mark.slow),
    ],
)
def test_wildcard_is_no_name(root: Path, stand_ins: ProviderServer, name: str, value: str) -> None:
    """A trust that matches more than one repository would let strangers in, so it cannot be written."""
    done = run(root, stand_ins, "plan", "-input=false", "-no-color", **{name: value})

    assert done.returncode == 1
    assert f"{name} must be" in re.sub(r"\s+", " ", done.stderr)


@pytest.mark.parametrize(
    ("role", "contexts", "branch"),
    [
        ("plan", {"pull_request", "ref:refs/heads/main"}, {}),
        ("publish", {"ref:refs/heads/main"}, {f"{ISSUER}:ref": "refs/heads/main"}),
        ("deploy", {"environment:demo"}, {f"{ISSUER}:ref": "refs/heads/main"}),
    ],
)
def test_role_is_taken_for_its_purpose_only(
    trust: dict[str, list[dict[str, Any]]], role: str, contexts: set[str], branch: dict[str, str]
) -> None:
    """By GitHub's tokens for AWS, about this one repository in both forms and by number, literally: no pattern."""
    (statement,) = trust[role]
    condition = statement["Condition"]["StringEquals"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert list(statement["Condition"]) == ["StringEquals"]
    assert set(condition.pop(f"{ISSUER}:sub")) == {f"{form}{context}" for form in (OLD, NEW) for context in contexts}
    assert condition == {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:repository_id": "42", **branch}
    assert statement["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"}


def test_pull_request_changes_nothing(policies: Policies) -> None:
    """The planning role reads, and writes the state's lock alone."""
    reading = re.compile(r"^\w+:(Get|Describe|List|BatchGet|BatchCheck)")
    writing = {action for action in allowed(policies, "plan") if not reading.match(action)}
    places = {
        place
        for statements in policies["plan"].values()
        for each in statements
        if writing & set(each["Action"])
        for place in each["Resource"]
    }

    assert writing == {"s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem", "dynamodb:DeleteItem"}
    assert places == {
        "arn:aws:s3:::carepath-tfstate-123456789012-us-east-1/demo/terraform.tfstate.tflock",
        "arn:aws:dynamodb:us-east-1:123456789012:table/carepath-tflock",
    }


def test_publishing_adds_images_and_nothing_else(policies: Policies) -> None:
    """What main may do unasked is push; what is there can be neither removed nor replaced."""
    more = allowed(policies, "publish") - allowed(policies, "plan")

    assert more
    assert all(action.startswith("ecr:") for action in more)
    assert not [action for action in more if "Delete" in action]


@pytest.mark.parametrize("role", ["plan", "publish", "deploy"])
def test_no_action_is_a_pattern_that_writes(policies: Policies, role: str) -> None:
    """Only reading EC2, which has a hundred Describes, is allowed by pattern."""
    assert {action for action in allowed(policies, role) if "*" in action} == {"ec2:Describe*"}


@pytest.mark.parametrize("role", ["plan", "publish", "deploy"])
def test_everywhere_is_said_with_a_reason_and_a_condition(policies: Policies, role: str) -> None:
    """Where AWS knows no resource, the region or a tag narrows instead."""
    for statements in policies[role].values():
        for each in statements:
            if "*" in each["Resource"]:
                assert each["Sid"] in ANYWHERE
                assert each["Condition"]
            else:
                assert all(place.startswith("arn:aws:") for place in each["Resource"])


def test_deploy_cannot_raise_itself(policies: Policies) -> None:
    """It makes the cluster's three roles by name; it cannot touch its own, nor hand a role to any other service."""
    own = f"arn:aws:iam::{ACCOUNT}:role/carepath-demo-github-deploy"
    for statements in policies["deploy"].values():
        for each in statements:
            if any(action.startswith("iam:") for action in each["Action"]):
                assert not any(fnmatch.fnmatchcase(own, place) for place in each["Resource"])
    (handed,) = [each for each in policies["deploy"]["roles"] if "iam:PassRole" in each["Action"]]
    assert set(handed["Condition"]["StringEquals"]["iam:PassedToService"]) == {
        *("eks.amazonaws.com", "ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com")
    }


def test_deploy_may_ask_whether_eks_has_its_own_roles(policies: Policies) -> None:
    """EKS asks in the caller's name, and makes no nodes where it may not; nothing else of AWS's own is read."""
    own = {
        place for each in policies["deploy"]["roles"] if "iam:GetRole" in each["Action"] for place in each["Resource"]
    }

    assert own == {
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/eks.amazonaws.com/*",
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/eks-nodegroup.amazonaws.com/*",
    }


def test_every_action_exists(policies: Policies) -> None:
    """A misspelt one allows nothing and is found out in the middle of an apply."""
    loader = botocore.session.get_session()
    unknown = []
    for action in allowed(policies, "deploy"):
        service, _, name = action.partition(":")
        operations = loader.get_service_model(service).operation_names
        if action not in NO_OPERATION and not fnmatch.filter(operations, name):
            unknown.append(action)
    assert unknown == []


@pytest.fixture
def iam() -> Iterator[Any]:
    with aws_api() as endpoint:
        session: Any = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
        yield session.client("iam", endpoint_url=endpoint)


def test_iam_takes_them(iam: Any, planned: dict[str, dict[str, Any]], policies: Policies) -> None:
    """As documents they are well formed, and each is shorter than IAM's limit, which does not count spaces."""
    for address, after in planned.items():
        if address.startswith("aws_iam_role.this["):
            iam.create_role(RoleName=after["name"], AssumeRolePolicyDocument=after["assume_role_policy"])
        if address.startswith("aws_iam_policy.this["):
            assert len(after["policy"]) <= 6144
            iam.create_policy(PolicyName=after["name"], PolicyDocument=after["policy"])

    assert {len(each) for each in policies.values()} == {2, 3, 6}
    assert len(iam.list_roles()["Roles"]) == 3


def test_format_is_terraforms_own() -> None:
    """`terraform fmt` would change nothing."""
    done = subprocess.run([*terraform(), "fmt", "-check", str(FOLDER)], capture_output=True, text=True, check=False)

    assert (done.stdout, done.returncode) == ("", 0)
