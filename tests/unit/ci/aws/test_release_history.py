"""What was released, as it is kept beside the state; and which release is the one to go back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci.aws import record_store as records
from ci.aws import release_history as releases
from ci.aws.release_history import FOLDER, Recorded, choose, current, read, remember
from ci.errors import NotReady
from ci.release import Release
from ci.terraform import backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.aws.client import Aws
    from ci.aws.release_history import Kind


def images(version: str) -> dict[str, str]:
    return {"db_api": f"r/db@sha256:{version}", "chat_api": f"r/chat@sha256:{version}"}


def history(*entries: str) -> list[Recorded]:
    """Return the records, newest first: each of ENTRIES is a version, or `version<index` for a rollback to an entry."""
    found: list[Recorded] = []
    for place, entry in enumerate(entries):
        version, _, of = entry.partition("<")
        kind: Kind = "rollback" if of else "deploy"
        back_to = found[int(of)].id if of else ""
        moment = f"2026-01-{place + 1:02d}T00:00:00Z"
        found.append(Recorded(f"{moment.replace(':', '')}-{place}", moment, "ada", "c", images(version), kind, back_to))
    return found[::-1]


def chosen(deployed: str, *entries: str, wanted: str = "") -> str:
    """Return the version that is gone back to when DEPLOYED is what runs after the history ENTRIES."""
    return choose(history(*entries), Release(images(deployed) if deployed else {}), wanted).images["db_api"][-1]


# Which one.


@pytest.mark.parametrize(("deployed", "entries"), [("A", []), ("", []), ("A", ["A"]), ("A", ["A", "A"])])
def test_no_earlier_release_is_told(deployed: str, entries: list[str]) -> None:
    """Nothing to go back to is no bug: the way on is forward."""
    with pytest.raises(NotReady) as caught:
        chosen(deployed, *entries)

    assert (caught.value.code, caught.value.exit_code) == ("release_missing", 3)
    assert "deploy" in caught.value.hint


@pytest.mark.parametrize("wanted", ["nope", "2027", "026-01"])
def test_unknown_release_is_told(wanted: str) -> None:
    """A name that none begins with leads to the command that lists them, never to a guess."""
    with pytest.raises(NotReady) as caught:
        chosen("B", "A", "B", wanted=wanted)

    assert caught.value.code == "release_unknown"
    assert wanted in caught.value.title
    assert "releases" in caught.value.hint


@pytest.mark.parametrize(
    ("deployed", "entries", "back"),
    [
        pytest.param("B", ["A", "B"], "A", id="the one before"),
        pytest.param("X", ["A", "B"], "B", id="after a failed smoke test the newest that passed"),
        pytest.param("X", ["A"], "A", id="the first one after a failed second"),
        pytest.param("B", ["A", "B", "C", "B<1"], "A", id="after a rollback the one before it"),
        pytest.param("C", ["A", "B", "B", "C"], "B", id="the one before, recorded twice"),
        pytest.param("B", ["A", "B", "A<0", "B"], "A", id="deployed again after a rollback"),
        pytest.param(
            "X", ["A", "B", "C", "B<1"], "B", id="after a rollback and a failed deploy the one rolled back to"
        ),
        pytest.param("C", ["A", "B", "A<0", "C"], "A", id="what ran before it, not what was rolled back before that"),
        pytest.param("A", ["Z", "A", "B", "A<1", "C", "A<1"], "Z", id="further back from there"),
        pytest.param("B", ["A", "B", "B"], "A", id="a redeploy of the same images is not gone back to"),
    ],
)
def test_one_goes_back_to_what_was_good_before(deployed: str, entries: list[str], back: str) -> None:
    """The newest release that is older than what runs, and not the same."""
    assert chosen(deployed, *entries) == back


def test_rolling_back_twice_goes_back_two_releases() -> None:
    """A rollback stands where the release stands that it went back to, and does not lead forward again."""
    assert chosen("C", "A", "B", "C") == "B"
    assert chosen("B", "A", "B", "C", "B<1") == "A"
    with pytest.raises(NotReady):
        chosen("A", "A", "B", "C", "B<1", "A<0")


def test_release_is_called_by_its_deploy() -> None:
    """Whichever record led to it."""
    found = history("A", "B", "A<0", "C")

    assert choose(found, Release(images("C"))) == found[-1]


def test_rollback_whose_release_is_not_kept_stands_for_itself() -> None:
    """Old records may be removed."""
    found = history("A", "B", "A<0", "C")[:-1]

    assert choose(found, Release(images("C"))).kind == "rollback"


def test_named_release_is_taken_whatever_runs() -> None:
    """Forward or back, by its name or the beginning of it; the newest where several begin so."""
    assert chosen("C", "A", "B", "C", wanted="2026-01-01T000000Z-0") == "A"
    assert chosen("A", "A", "B", "C", wanted="2026-01-03") == "C"
    assert chosen("A", "A", "B", "C", wanted="2026-01") == "C"


def test_current_is_what_runs() -> None:
    """What runs and was never recorded has no name, and neither has nothing."""
    found = history("A", "B")

    assert current(found, Release(images("A"))) == found[1]
    assert current(found, Release(images("X"))) is None
    assert current(found, Release({})) is None


# What is kept.


@pytest.fixture
def bucket(aws: Aws, client: Callable[[str], Any]) -> str:
    name = backend.locate(aws).bucket
    client("s3").create_bucket(Bucket=name)
    return name


def run(day: int, run_id: str = "abcdef0123456789") -> dict[str, Any]:
    return {"run": run_id, "who": "ada@laptop", "commit": "0123456789ab", "started": f"2026-01-{day:02d}T10:00:00Z"}


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("field", ["started", "who", "commit", "images", "kind", "of"])
def test_damaged_record_is_told_by_its_name(aws: Aws, field: str) -> None:
    """A record that lacks something is no release, and no bug."""
    remember(aws, run(1), Release(images("A")), kind="deploy")
    (name,) = records.names(aws, FOLDER)
    body = records.get(aws, name) or {}
    del body[field]
    records.put(aws, name, body)

    with pytest.raises(NotReady) as caught:
        read(aws)

    assert caught.value.code == "record_damaged"
    assert name in caught.value.title


@pytest.mark.parametrize("body", ["", "{", "[1]", "null", "5", '"text"'])
def test_record_that_is_none_is_told(aws: Aws, client: Callable[[str], Any], bucket: str, body: str) -> None:
    """What somebody put there that is no record is not taken for one."""
    client("s3").put_object(Bucket=bucket, Key=f"demo/{FOLDER}x.json", Body=body.encode())

    with pytest.raises(NotReady) as caught:
        read(aws)

    assert caught.value.code == "record_damaged"
    assert bucket in caught.value.hint


def test_before_the_first_deploy_there_is_none(aws: Aws) -> None:
    """Without even a bucket the list is empty."""
    assert read(aws) == []


@pytest.mark.usefixtures("bucket")
def test_release_comes_back_as_it_was_kept(aws: Aws) -> None:
    """When, by whom, from which commit, with which images."""
    remember(aws, run(1), Release(images("A")), kind="deploy")

    (found,) = read(aws)

    assert found.id == "2026-01-01T100000Z-abcdef01"
    assert (found.started, found.who, found.commit) == ("2026-01-01T10:00:00Z", "ada@laptop", "0123456789ab")
    assert (found.images, found.kind, found.of) == (images("A"), "deploy", "")
    assert found.release == Release(images("A"))
    assert found.as_dict()["id"] == found.id


@pytest.mark.usefixtures("bucket")
def test_deploy_that_changed_nothing_is_no_release(aws: Aws) -> None:
    """Only the newest counts: the same images again after others are a release again, and so is a rollback."""
    for day, (version, kind) in enumerate(
        [("A", "deploy"), ("A", "deploy"), ("B", "deploy"), ("A", "deploy"), ("A", "rollback")], start=1
    ):
        remember(aws, run(day), Release(images(version)), kind=kind)  # type: ignore[arg-type] # of a list

    assert [(each.images["db_api"][-1], each.kind) for each in read(aws)] == [
        ("A", "rollback"),
        ("A", "deploy"),
        ("B", "deploy"),
        ("A", "deploy"),
    ]


@pytest.mark.usefixtures("bucket")
def test_newest_come_first_and_no_more_than_asked_for(aws: Aws) -> None:
    """A table of them fits a screen."""
    for day in range(1, 21):
        remember(aws, run(day), Release(images(str(day))), kind="deploy")

    assert [each.started[8:10] for each in read(aws, 3)] == ["20", "19", "18"]
    assert len(read(aws)) == releases.SHOWN <= 20
