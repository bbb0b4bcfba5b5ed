"""The state and its lock, read where they lie: what is damaged is told, no secret is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import NotReady
from ci.terraform import backend, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.aws.client import Aws

    Client = Callable[[str], Any]

INFO = {"ID": "4b6c", "Who": "root@x", "Operation": "OperationTypeApply", "Created": "2026-11-23T10:00:00Z"}
STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 7,
    "outputs": {
        "chat_api_url": {"value": "http://lb", "type": "string"},
        "uri": {"value": "planted-uri", "type": "string", "sensitive": True},
    },
    "resources": [
        {"mode": "managed", "type": "a", "name": "b", "instances": [{}, {}]},
        {"mode": "data", "type": "a", "name": "b", "instances": [{}, {}, {}]},
        {"mode": "managed", "type": "c", "name": "d", "instances": [{"attributes": {"password": "planted-password"}}]},
    ],
}


@pytest.fixture
def put(aws: Aws, client: Client) -> Callable[[str, str], None]:
    """Return a function that puts TEXT where the state lies, with SUFFIX after its name."""
    place = backend.locate(aws)
    client("s3").create_bucket(Bucket=place.bucket)

    def make(text: str, suffix: str = "") -> None:
        client("s3").put_object(Bucket=place.bucket, Key=f"{place.key}{suffix}", Body=text.encode())

    return make


@pytest.fixture
def table(aws: Aws, client: Client) -> Callable[[dict[str, Any]], None]:
    """Return a function that puts a row into the lock table."""
    name = backend.locate(aws).table
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
    )
    return lambda item: client("dynamodb").put_item(TableName=name, Item=item)


def row(aws: Aws, suffix: str = "", **values: str) -> dict[str, Any]:
    place = backend.locate(aws)
    path = {"LockID": {"S": f"{place.bucket}/{place.key}{suffix}"}}
    return path | {name: {"S": value} for name, value in values.items()}


DAMAGED = [
    *("", "{", "null", "5", "[]", '"text"', "{}"),
    *(
        json.dumps({**STATE, name: value})
        for name in ("outputs", "resources")
        for value in (None, 5, "x", [1], {"a": 1})
    ),
    *(
        json.dumps({name: value for name, value in STATE.items() if name != left_out})
        for left_out in ("serial", "outputs")
    ),
]


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_state_is_told(aws: Aws, put: Callable[[str], None], text: str) -> None:
    """It is neither a bug nor an empty state; the bucket has earlier versions."""
    put(text)

    with pytest.raises(NotReady) as caught:
        state.read(aws)

    assert caught.value.code == "state_damaged"
    assert backend.locate(aws).bucket in caught.value.hint


def test_before_the_first_apply_there_is_none(aws: Aws, client: Client) -> None:
    """Without a bucket, and in an empty one."""
    assert state.read(aws) is None
    client("s3").create_bucket(Bucket=backend.locate(aws).bucket)
    assert state.read(aws) is None


def test_secrets_are_not_kept(aws: Aws, put: Callable[[str], None]) -> None:
    """Neither a sensitive output nor any resource's value leaves the function."""
    put(json.dumps(STATE))

    assert "planted" not in repr(state.read(aws))


def test_state_is_told(aws: Aws, put: Callable[[str], None]) -> None:
    """Its number, its Terraform, how many resources it manages, and the outputs that are no secret."""
    put(json.dumps(STATE))

    found = state.read(aws)

    assert found
    assert (found.serial, found.terraform, found.resources) == (7, "1.11.4", 3)
    assert found.outputs == {"chat_api_url": "http://lb"}
    assert found.written.tzinfo


@pytest.mark.usefixtures("put", "table")
def test_free_lock_is_none(aws: Aws) -> None:
    """Both places are there and empty."""
    assert state.lock(aws) is None


def test_before_bootstrap_nobody_holds_a_lock(aws: Aws) -> None:
    """Neither table nor bucket are there."""
    assert state.lock(aws) is None


def test_lock_is_read_from_the_table(aws: Aws, table: Callable[[dict[str, Any]], None]) -> None:
    """Where it stands in Terraform's own words."""
    table(row(aws, Info=json.dumps(INFO)))

    assert state.lock(aws) == state.Lock("4b6c", "root@x", "OperationTypeApply", "2026-11-23T10:00:00Z")


def test_lock_is_read_from_the_file(aws: Aws, put: Callable[[str, str], None]) -> None:
    """Beside the state, where there is no table at all."""
    put(json.dumps(INFO), ".tflock")

    assert state.lock(aws) == state.Lock("4b6c", "root@x", "OperationTypeApply", "2026-11-23T10:00:00Z")


def test_lock_is_read_from_the_file_where_the_table_is_free(
    aws: Aws, put: Callable[[str, str], None], table: Callable[[dict[str, Any]], None]
) -> None:
    """The table's other rows, such as the state's checksum, are no lock."""
    table(row(aws, suffix="-md5", Digest="0123"))
    put(json.dumps(INFO), ".tflock")

    found = state.lock(aws)
    assert found
    assert found.who == "root@x"


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "[1]", "5", "{}", '{"ID": null}'])
def test_lock_that_says_nothing_is_a_lock(aws: Aws, put: Callable[[str, str], None], text: str) -> None:
    """What cannot be read still keeps everybody out, so it is never told as free."""
    put(text, ".tflock")

    assert state.lock(aws) == state.Lock("unknown", "unknown", "unknown", "unknown")


def test_place_that_cannot_be_asked_is_told(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is not taken for a free lock or an empty state."""
    aws.account()
    monkeypatch.setattr(aws, "settings", aws.settings.model_copy(update={"aws_endpoint_url": "http://127.0.0.1:9"}))

    for look in (state.read, state.lock):
        with pytest.raises(NotReady) as caught:
            look(aws)
        assert caught.value.code == "aws_unreachable"
