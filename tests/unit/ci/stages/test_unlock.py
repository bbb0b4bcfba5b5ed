"""The state's locks are taken away by their id only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import StateLocked
from ci.stages.unlock import unlock
from ci.terraform import backend, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.aws.client import Aws

    Client = Callable[[str], Any]
    Hold = Callable[[str], None]

ID, OTHER = "4b6c", "9f00"
# Of b"older" and of b"newer", by md5sum.
OLDER, NEWER = "6a3a6f6e33217afa6373df9d6b2e8a00", "0c10f4a0c12ba89211235026b861263d"


def info(lock_id: str) -> str:
    """Return what Terraform writes of a lock."""
    told = {"ID": lock_id, "Who": "root@x", "Operation": "OperationTypeApply", "Created": "2026-11-23T10:00:00Z"}
    return json.dumps(told)


@pytest.fixture
def in_file(aws: Aws, client: Client) -> Hold:
    """Return a function that holds the lock beside the state with a TEXT."""
    place = backend.locate(aws)
    client("s3").create_bucket(Bucket=place.bucket)
    return lambda text: client("s3").put_object(
        Bucket=place.bucket, Key=place.key + state.LOCK_FILE, Body=text.encode()
    )


@pytest.fixture
def in_table(aws: Aws, client: Client) -> Hold:
    """Return a function that holds the lock of the table with a TEXT."""
    place = backend.locate(aws)
    client("dynamodb").create_table(
        TableName=place.table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
    )
    row = {"LockID": {"S": f"{place.bucket}/{place.key}"}}
    return lambda text: client("dynamodb").put_item(TableName=place.table, Item=row | {"Info": {"S": text}})


def test_lock_of_another_run_stays(aws: Aws, in_table: Hold, in_file: Hold) -> None:
    """Its holder and its id are told, and what to do."""
    in_table(info(OTHER))
    in_file(info(OTHER))

    with pytest.raises(StateLocked) as caught:
        unlock(aws, ID)

    assert caught.value.code == "another_lock"
    assert "root@x" in caught.value.title
    assert OTHER in caught.value.detail
    assert state.lock(aws) is not None


def test_without_an_id_nothing_is_taken_away(aws: Aws, in_table: Hold, in_file: Hold) -> None:
    """Who holds it is told, and the command that takes it away."""
    in_table(info(ID))
    in_file(info(ID))

    with pytest.raises(StateLocked) as caught:
        unlock(aws, "")

    assert caught.value.code == "state_locked"
    assert f"unlock {ID}" in caught.value.hint
    assert state.lock(aws) is not None


def test_lock_that_was_taken_meanwhile_stays(
    aws: Aws, in_table: Hold, in_file: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the deletion another run may begin."""
    in_table(info(ID))
    in_file(info(ID))
    asked = aws.client

    def come(**_: object) -> None:
        in_table(info(OTHER))

    def late(name: str) -> Any:
        made = asked(name)
        if name == "dynamodb":
            made.meta.events.register("before-call.dynamodb.DeleteItem", come)
        return made

    monkeypatch.setattr(aws, "client", late)
    unlock(aws, ID)

    found = state.lock(aws)
    assert found
    assert found.id == OTHER


@pytest.mark.usefixtures("in_table", "in_file")
def test_free_state_is_no_fault(aws: Aws) -> None:
    """Who unlocks twice is told that there was nothing to do."""
    assert unlock(aws, ID) == "the state was not locked"


def test_before_bootstrap_there_is_no_lock(aws: Aws) -> None:
    """Neither table nor bucket are there."""
    assert unlock(aws, ID) == "the state was not locked"


@pytest.mark.parametrize("places", [("table", "file"), ("table",), ("file",)], ids="-".join)
def test_both_locks_go(aws: Aws, in_table: Hold, in_file: Hold, places: tuple[str, ...]) -> None:
    """A run that died while it took or left them has one of them only."""
    for place in places:
        {"table": in_table, "file": in_file}[place](info(ID))

    assert unlock(aws, ID) == "the lock of root@x, held since 2026-11-23T10:00:00Z, is gone"

    assert state.lock(aws) is None


def test_rest_of_another_lock_is_told_the_next_time(aws: Aws, in_table: Hold, in_file: Hold) -> None:
    """The table's is seen first; the file's belongs to somebody else and stays."""
    in_table(info(ID))
    in_file(info(OTHER))

    unlock(aws, ID)

    found = state.lock(aws)
    assert found
    assert found.id == OTHER


@pytest.fixture
def checksum(aws: Aws, client: Client, in_table: Hold, in_file: Hold) -> Callable[[], str]:
    """Keep a state, and beside it the checksum of an older one; return a function that reads the checksum."""
    del in_table, in_file
    place = backend.locate(aws)
    key = {"LockID": {"S": f"{place.bucket}/{place.key}-md5"}}
    client("s3").put_object(Bucket=place.bucket, Key=place.key, Body=b"newer")
    client("dynamodb").put_item(TableName=place.table, Item=key | {"Digest": {"S": OLDER}})
    return lambda: client("dynamodb").get_item(TableName=place.table, Key=key)["Item"]["Digest"]["S"]


def test_checksum_is_mended_when_nobody_holds_the_lock(aws: Aws, checksum: Callable[[], str]) -> None:
    """A run that died between the state and its checksum keeps all later ones out."""
    assert "checksum" in unlock(aws, "")

    assert checksum() == NEWER
    assert unlock(aws, "") == "the state was not locked"


def test_checksum_is_mended_with_the_lock(aws: Aws, checksum: Callable[[], str], in_table: Hold) -> None:
    """The run that died there held the lock, too."""
    in_table(info(ID))

    assert "is gone; the checksum" in unlock(aws, ID)

    assert state.lock(aws) is None
    assert checksum() == NEWER


def test_checksum_stays_while_another_holds_the_lock(aws: Aws, checksum: Callable[[], str], in_table: Hold) -> None:
    """That run may be between the two itself."""
    in_table(info(OTHER))

    with pytest.raises(StateLocked):
        unlock(aws, ID)

    assert checksum() == OLDER


@pytest.mark.parametrize("text", ["{", "null", "{}"])
def test_lock_that_cannot_be_read_goes_by_the_name_it_is_told_by(
    aws: Aws, in_table: Hold, in_file: Hold, text: str
) -> None:
    """`status` calls it unknown."""
    in_table(text)
    in_file(text)

    unlock(aws, "unknown")

    assert state.lock(aws) is None
