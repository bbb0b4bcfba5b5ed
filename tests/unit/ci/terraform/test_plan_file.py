"""A plan on disk: what belongs to somebody else, was changed or was not approved is never applied."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ci.errors import NotReady, PlanStale
from ci.terraform import plan_file as saved_plan
from ci.terraform.plan_file import Origin, SavedPlan, beside, compare, load, remove, save
from ci.terraform.plan_summary import summarise
from tests.unit.ci.scripted import plan_json

if TYPE_CHECKING:
    from pathlib import Path

HERE = Origin("demo", "123456789012", "us-east-1")
PLAN = SavedPlan(
    origin=HERE,
    references={"db_api": "r/db@sha256:1", "chat_api": "r/chat@sha256:2"},
    target=None,
    who="ada@laptop",
    commit="0123456789ab",
    made="2026-11-23T10:00:00Z",
    hash="0" * 64,
)
SUMMARY = summarise(plan_json(("module.app.a.b", "update"), ("module.app.a.c", "delete")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Have a saved plan in a folder of its own."""
    path = tmp_path / "work/demo/plan.tfplan"
    save(path, b"the plan", PLAN)
    return path


def refused(path: Path, origin: Origin = HERE) -> PlanStale:
    with pytest.raises(PlanStale) as caught:
        load(path, origin)
    return caught.value


@pytest.mark.parametrize("missing", ["plan", "beside", "both"])
def test_half_a_plan_is_no_plan(path: Path, missing: str) -> None:
    """The plan alone says not where it belongs, what lies beside it changes nothing; the sentence says what to run."""
    if missing != "beside":
        path.unlink()
    if missing != "plan":
        beside(path).unlink()

    with pytest.raises(NotReady) as caught:
        load(path, HERE)

    assert (caught.value.code, caught.value.exit_code) == ("plan_missing", 3)
    assert "main.py plan" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "nonsense", "\xff", "[]", "{}", "null", "1", '"text"', "[1]", '{"schema_version": 1}', "{"]
)
def test_damaged_word_beside_a_plan_is_refused(path: Path, text: str) -> None:
    """What cannot be read is no bug, and no ground to apply anything."""
    beside(path).write_bytes(text.encode("latin-1"))

    problem = refused(path)

    assert (problem.code, problem.exit_code) == ("plan_foreign", 8)
    assert "main.py plan" in problem.hint


@pytest.mark.parametrize("field", [*SavedPlan.__dataclass_fields__])
@pytest.mark.parametrize("value", [5, [], {"a": 1}, 1.5])
def test_field_of_another_kind_is_refused(path: Path, field: str, value: Any) -> None:
    """A number where a hash stood, a list where the images stood: written by something else."""
    document = json.loads(beside(path).read_text())
    beside(path).write_text(json.dumps({**document, field: value}))

    assert refused(path).code == "plan_foreign"


@pytest.mark.parametrize("field", sorted({*SavedPlan.__dataclass_fields__} - {"schema_version"}))
def test_field_that_is_missing_is_refused(path: Path, field: str) -> None:
    """Each of them is needed."""
    document = json.loads(beside(path).read_text())
    del document[field]
    beside(path).write_text(json.dumps(document))

    assert refused(path).code == "plan_foreign"


@pytest.mark.parametrize(
    "other",
    [
        replace(HERE, environment="production"),
        replace(HERE, account="999999999999"),
        replace(HERE, region="eu-central-1"),
    ],
    ids=["environment", "account", "region"],
)
def test_plan_of_another_place_is_refused(path: Path, other: Origin) -> None:
    """Another environment, account or region: both places are named."""
    problem = refused(path, other)

    assert (problem.code, problem.exit_code) == ("plan_foreign", 8)
    for told in ("demo in account 123456789012, us-east-1", f"{other.environment} in account {other.account}"):
        assert told in problem.title


@pytest.mark.parametrize(
    ("expected", "approved"),
    [
        ("", True),
        ("", False),
        ("0" * 64, True),
        ("0" * 64, False),
        (SUMMARY.digest[:11], True),
        (SUMMARY.digest[:11], False),
        (SUMMARY.digest + "0", True),
        (SUMMARY.digest[1:], True),
        (SUMMARY.digest[:-1] + "g", True),
    ],
)
def test_another_hash_is_refused(expected: str, *, approved: bool) -> None:
    """So is one too short to mean one plan. What the plan would do now is told, by address."""
    with pytest.raises(PlanStale) as caught:
        compare(SUMMARY, expected, approved=approved)

    assert (caught.value.code, caught.value.exit_code) == ("plan_differs", 8)
    assert ("approved" if approved else "saved") in caught.value.title
    assert SUMMARY.digest[:12] in caught.value.title
    assert caught.value.detail.splitlines() == ["update module.app.a.b", "delete module.app.a.c"]


@pytest.mark.parametrize("expected", [SUMMARY.digest, SUMMARY.digest[:12], SUMMARY.digest[:12].upper()])
def test_the_same_hash_or_its_first_twelve_digits_will_do(expected: str) -> None:
    """As it stands in a pull request's comment, whole or begun."""
    compare(SUMMARY, expected, approved=True)


def test_plan_comes_back_as_it_was_saved(path: Path) -> None:
    """Bytes, images, and who made it."""
    assert load(path, HERE) == (PLAN, b"the plan")
    assert PLAN.release.references == PLAN.references
    assert json.loads(beside(path).read_text())["schema_version"] == 1


def test_plan_is_for_its_owner_only(path: Path) -> None:
    """It holds values: 0600, in a folder that is 0700."""
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (path, beside(path), path.parent)}

    assert modes == {"plan.tfplan": 0o600, "plan.tfplan.json": 0o600, "demo": 0o700}


def test_plan_is_private_where_an_open_one_was(tmp_path: Path) -> None:
    """A file that everybody may read does not stay so, not even while it is written."""
    path = tmp_path / "plan"
    for each in (path, beside(path)):
        each.touch(mode=0o644)
        each.chmod(0o644)

    save(path, b"x", PLAN)

    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, beside(path))} == {0o600}


def test_removed_plan_leaves_nothing(path: Path) -> None:
    """What was applied is gone, values and all; removing it again is no fault."""
    remove(path)
    remove(path)

    assert list(path.parent.iterdir()) == []
    assert "plan" in saved_plan.AGAIN
