"""Section 1 of the specification, the high-level components: each is in the plan, in the number it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from ci.aws.client import Aws
from ci.rehearsal.aws import aws_api
from ci.settings import Settings
from ci.stages.bootstrap import bootstrap
from ci.terraform import backend
from tests.infra.specification.reading import made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.conftest import Deployed

REGION = "us-east-1"


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        pytest.param("aws_vpc", 1, id="networking-vpc"),
        pytest.param("aws_subnet", 4, id="networking-subnets-public-and-private-of-two-zones"),
        pytest.param("aws_internet_gateway", 1, id="networking-internet-gateway"),
        pytest.param("aws_nat_gateway", 1, id="networking-nat-gateways"),
        pytest.param("aws_route_table", 3, id="networking-route-tables"),
        pytest.param("aws_eks_cluster", 1, id="compute-eks-cluster"),
        pytest.param("aws_eks_node_group", 1, id="compute-managed-node-group"),
        pytest.param("aws_ecr_repository", 2, id="registry-one-repository-per-service"),
        pytest.param("mongodbatlas_advanced_cluster", 1, id="mongodb-atlas-cluster"),
        pytest.param("mongodbatlas_database_user", 1, id="mongodb-atlas-user"),
        pytest.param("kubernetes_namespace_v1", 1, id="workloads-namespace"),
        pytest.param("kubernetes_deployment_v1", 2, id="workloads-deployments-of-db-api-and-chat-api"),
        pytest.param("kubernetes_service_v1", 2, id="workloads-services-of-both"),
        pytest.param("kubernetes_horizontal_pod_autoscaler_v2", 2, id="workloads-autoscaling-on-cpu-of-both"),
    ],
)
def test_component(deployed: Deployed, kind: str, count: int) -> None:
    """The plan makes what the row names, for two zones and two services."""
    assert len(made(deployed.plan, kind)) == count


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """Return an account in which the pipeline made what must be there before Terraform's first run."""
    with aws_api() as address:
        credentials = {"aws_access_key_id": "planted-id", "aws_secret_access_key": "planted-secret"}
        account = Aws(Settings(aws_endpoint_url=address), REGION, credentials)
        anyio.run(bootstrap, account)
        yield account


@pytest.mark.parametrize("row", [pytest.param("bucket", id="state-s3-bucket")])
def test_state_has_its_bucket(aws: Aws, row: str) -> None:
    """Remote state lies in a versioned bucket; no Terraform can make the place of its own state."""
    names = [each["Name"] for each in aws.client("s3").list_buckets()["Buckets"]]

    assert names == [f"carepath-tfstate-{aws.account()}-{REGION}"], row
    assert aws.client("s3").get_bucket_versioning(Bucket=names[0])["Status"] == "Enabled"


@pytest.mark.parametrize("row", [pytest.param("table", id="state-dynamodb-lock-table")])
def test_state_has_its_lock(aws: Aws, row: str) -> None:
    """The lock table has the one key that Terraform writes."""
    names = aws.client("dynamodb").list_tables()["TableNames"]

    assert names == ["carepath-tflock"], row
    assert aws.client("dynamodb").describe_table(TableName=names[0])["Table"]["KeySchema"] == [
        {"AttributeName": "LockID", "KeyType": "HASH"}
    ]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        pytest.param("bucket", f"carepath-tfstate-123456789012-{REGION}", id="layout-backend-is-told-its-bucket"),
        pytest.param("dynamodb_table", "carepath-tflock", id="layout-backend-is-told-its-lock-table"),
    ],
)
def test_backend_is_told(aws: Aws, argument: str, expected: str) -> None:
    """A backend block takes no variables, so `terraform init` is told what backend.tf cannot say."""
    assert backend.locate(aws).arguments()[argument] == expected
