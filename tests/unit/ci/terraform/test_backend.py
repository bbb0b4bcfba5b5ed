"""The state's bucket and lock table, and the records beside the state."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from ci.aws import record_store as records
from ci.aws.client import Aws
from ci.errors import NotReady
from ci.settings import Settings
from ci.terraform import backend
from tests.unit.ci.conftest import CREDENTIALS, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest

    Client = Callable[..., Any]

CALLER = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
BUCKET = "carepath-tfstate-123456789012-us-east-1"


class Raw(io.BytesIO):
    """An answer's body as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def test_both_are_made_once(aws: Aws) -> None:
    """A second bootstrap changes nothing and says so."""
    assert backend.make(aws) == [f"bucket {BUCKET}", "table carepath-tflock"]
    assert backend.make(aws) == []


def test_what_is_half_there_is_completed(aws: Aws, client: Client) -> None:
    """A bootstrap that was cut off between bucket and table is ended by the next one."""
    client("s3").create_bucket(Bucket=BUCKET)

    assert backend.make(aws) == ["table carepath-tflock"]


def test_bucket_keeps_old_states_encrypted_and_to_itself(aws: Aws, client: Client) -> None:
    """It is versioned, encrypted, and closed to the public."""
    backend.make(aws)

    s3 = client("s3")
    encryption = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())


def test_bucket_of_a_real_account_answers_to_tls_only() -> None:
    """Where the API is AWS itself, plain HTTP is denied for the bucket and all it holds."""
    policies = []

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        if urlsplit(request.url).query == "policy":
            policies.append(json.loads(cast("bytes", request.body)))
        body = CALLER if "//sts." in request.url else b"{}" if "//dynamodb." in request.url else b""
        return AWSResponse(request.url, 200, HTTPHeaders(), Raw(body))

    aws = Aws(Settings(), REGION, CREDENTIALS)
    aws._session.events.register("before-send", answer)

    backend.make(aws)

    (policy,) = policies
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert set(statement["Resource"]) == {f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"}


def test_bucket_made_by_hand_is_protected_too(aws: Aws, client: Client) -> None:
    """What somebody opened is closed again by every run."""
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)

    backend.make(aws)

    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())


def test_old_states_do_not_stay_for_ever(aws: Aws, client: Client) -> None:
    """Only what is no longer current expires; the current state never does."""
    backend.make(aws)

    (rule,) = client("s3").get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]

    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 30
    assert "Expiration" not in rule


def test_table_is_the_one_that_terraform_locks_with(aws: Aws, client: Client) -> None:
    """Its key is called LockID, it costs nothing when idle, and it can be restored."""
    backend.make(aws)

    dynamodb = client("dynamodb")
    table = dynamodb.describe_table(TableName="carepath-tflock")["Table"]
    backups = dynamodb.describe_continuous_backups(TableName="carepath-tflock")["ContinuousBackupsDescription"]
    assert table["KeySchema"] == [{"AttributeName": "LockID", "KeyType": "HASH"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_bucket_lies_in_the_environments_region(endpoint: str, client: Client) -> None:
    """Every region but us-east-1 has to be named as the bucket's location."""
    aws = Aws(Settings(aws_endpoint_url=endpoint), "eu-central-1", CREDENTIALS)

    backend.make(aws)

    bucket = "carepath-tfstate-123456789012-eu-central-1"
    assert client("s3").get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-central-1"
    assert backend.make(aws) == []


def test_no_record_is_none(aws: Aws) -> None:
    """Before the bucket exists, and before the first record, there is none, which is no fault."""
    assert records.get(aws, "run.json") is None

    backend.make(aws)

    assert records.get(aws, "run.json") is None


def test_record_comes_back_as_it_was(aws: Aws) -> None:
    """What one run leaves beside the state, the next one reads; a later one replaces it."""
    backend.make(aws)
    records.put(aws, "run.json", {"who": "ada", "commit": ""})

    records.put(aws, "run.json", {"who": "grace", "release": {"db_api": "a@b"}})

    assert records.get(aws, "run.json") == {"who": "grace", "release": {"db_api": "a@b"}}
    assert records.get(aws, "releases/1.json") is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_record_that_cannot_be_read_is_told_as_such(aws: Aws, client: Client, body: bytes) -> None:
    """What somebody broke by hand is no bug, and not blamed on the address of the API."""
    backend.make(aws)
    client("s3").put_object(Bucket=BUCKET, Key="demo/run.json", Body=body)

    try:
        found = records.get(aws, "run.json")
    except NotReady as error:
        assert "run.json" in error.title  # noqa: PT017 - either is an answer
    else:
        assert not found


def test_record_lies_beside_the_state(aws: Aws, client: Client) -> None:
    """One environment's records are apart from another's."""
    backend.make(aws)

    records.put(aws, "releases/1.json", {})

    keys = [each["Key"] for each in client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == ["demo/releases/1.json"]


def test_record_without_a_bucket_is_told(aws: Aws) -> None:
    """A record that cannot be kept is said, by name."""
    with pytest.raises(NotReady) as caught:
        records.put(aws, "run.json", {})

    assert caught.value.code == "aws_refused"
    assert "run.json" in caught.value.title


def test_one_account_reads_its_own_region_only(endpoint: str, aws: Aws) -> None:
    """The same run record under another region is another record."""
    backend.make(aws)
    records.put(aws, "run.json", {"who": "ada"})

    assert records.get(Aws(Settings(aws_endpoint_url=endpoint), "eu-central-1", CREDENTIALS), "run.json") is None
    assert records.get(Aws(Settings(aws_endpoint_url=endpoint), REGION, CREDENTIALS), "run.json") == {"who": "ada"}
