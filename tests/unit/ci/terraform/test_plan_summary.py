"""What is told of a plan: every change, no value; and one hash that stands for all of it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ci.terraform.plan_summary import SENSITIVE, STATEFUL, Change, PlanSummary, mask, summarise
from tests.unit.ci.scripted import plan_json

IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api@sha256:{1:064d}"

ACTIONS = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "delete+create": "replace",
    "create+delete": "replace",
    "forget": "other",
    "something-new": "other",
}


@pytest.mark.parametrize(("actions", "told"), ACTIONS.items(), ids=ACTIONS)
def test_each_action_is_counted_once(actions: str, told: str) -> None:
    """A replacement is one replacement in either order, and an action of a later Terraform does not vanish."""
    summary = summarise(plan_json(("module.app.a.b", actions)))

    assert {action: number for action, number in summary.counts().items() if number} == {told: 1}
    assert not summary.empty


@pytest.mark.parametrize("actions", ["no-op", "read"])
def test_what_changes_nothing_is_not_counted(actions: str) -> None:
    """Resources that stay as they are, and data that is only read, are no change."""
    assert summarise(plan_json(("module.app.data.a.b", actions))).empty


def test_a_plan_that_changes_only_outputs_is_not_empty() -> None:
    """It has to be applied, or the outputs stay old."""
    assert not summarise(plan_json(outputs=("update",))).empty
    assert summarise(plan_json(outputs=("no-op",))).empty
    assert summarise("{}").empty


def test_changes_are_told_by_outermost_module() -> None:
    """Nested modules and indexed ones count where they belong, and what is in no module too."""
    summary = summarise(
        plan_json(
            ("module.network.aws_subnet.private[0]", "create"),
            ('module.network.aws_subnet.private["a.b"]', "create"),
            ("module.eks[0].module.nodes.aws_eks_node_group.this", "update"),
            ("random_password.mongo", "delete+create"),
        )
    )

    assert summary.by_module() == {
        "module.eks": {"update": 1},
        "module.network": {"create": 2},
        "root": {"replace": 1},
    }


def test_summary_holds_no_value() -> None:
    """A plan's values may be secrets; what is shown of it are addresses and actions."""
    document = json.loads(plan_json(("module.app.a.b", "update")))
    document["resource_changes"][0]["change"] |= {"before": {"x": "planted-1"}, "after": {"x": "planted-2"}}
    document["variables"] = {"mongodb_password": {"value": "planted-3"}}

    assert "planted" not in repr(summarise(json.dumps(document)))


def test_address_tells_the_type_whatever_the_key() -> None:
    """A key with dots and brackets does not hide what kind of thing a resource is."""
    for address in (
        "aws_s3_bucket.this",
        "module.a.aws_s3_bucket.this[0]",
        'module.a["x.y"].module.b[0].aws_s3_bucket.this["a.b"]',
        'aws_s3_bucket.this["a].b"]',
        'aws_s3_bucket.this["a\\"].b"]',
    ):
        assert Change(address, "delete").type == "aws_s3_bucket"


@pytest.mark.parametrize("actions", ["delete", "delete+create", "create+delete", "forget", "something-new"])
@pytest.mark.parametrize("kind", sorted(STATEFUL))
def test_what_would_lose_data_is_named(kind: str, actions: str) -> None:
    """Deleting, replacing or doing the unknown to what holds something is a loss, in whatever module it is."""
    address = f'module.a["x"].{kind}.this["k"]'

    assert summarise(plan_json((address, actions), ("module.a.aws_eip.this", "delete"))).losses() == [address]


@pytest.mark.parametrize("actions", ["create", "update", "no-op", "read"])
def test_what_keeps_its_data_is_no_loss(actions: str) -> None:
    """Making or changing a bucket destroys nothing."""
    assert summarise(plan_json(("aws_s3_bucket.this", actions))).losses() == []


def test_drift_is_told_apart_from_changes() -> None:
    """What somebody changed outside Terraform is no change of the plan, and what only moved is no drift."""
    drift = json.loads(plan_json(("module.eks.aws_eks_addon.this", "delete"), ("module.eks.a.b", "no-op")))
    summary = summarise(json.dumps({"resource_drift": drift["resource_changes"]}))

    assert summary.empty
    assert summary.drifted == (Change("module.eks.aws_eks_addon.this", "delete"),)
    assert summary.as_dict()["drifted"] == [
        {"address": "module.eks.aws_eks_addon.this", "action": "delete", "reason": ""}
    ]


def test_two_plans_of_one_run_are_told_together() -> None:
    """The first deploy's repositories and the rest add up; what is approved is the later plan."""
    first, later = summarise(plan_json(("a.b", "create"))), summarise(plan_json(("c.d", "delete")))

    both = first.then(later)

    assert [each.address for each in both.changes] == ["a.b", "c.d"]
    assert both.digest == later.digest
    assert not first.then(summarise("{}")).empty


# The hash.


def full() -> dict[str, Any]:
    """Return a plan with all that a hash has to heed, and all that it must not."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "timestamp": "2026-11-23T10:00:00Z",
        "variables": {"mongodb_password": {"value": "planted-variable"}},
        "resource_changes": [
            {
                "address": "module.app.kubernetes_deployment_v1.db_api",
                "change": {
                    "actions": ["update"],
                    "before": {"image": "old", "replicas": 2, "env": [{"name": "A", "value": "planted-before"}]},
                    "after": {"image": IMAGE, "replicas": 2, "env": [{"name": "A", "value": "planted-after"}]},
                    "after_unknown": {"id": True},
                    "before_sensitive": {"env": [{"value": True}]},
                    "after_sensitive": {"env": [{"value": True}]},
                },
            },
            {
                "address": "random_password.mongo",
                "action_reason": "replace_because_tainted",
                "change": {
                    "actions": ["delete", "create"],
                    "before": "planted-whole-before",
                    "after": "planted-whole-after",
                    "after_unknown": False,
                    "before_sensitive": True,
                    "after_sensitive": True,
                    "replace_paths": [["length"]],
                },
            },
            {"address": "module.app.a.same", "change": {"actions": ["no-op"], "before": 1, "after": 1}},
        ],
        "output_changes": {
            "chat_api_url": {"actions": ["update"], "before": "http://a", "after": "http://b"},
            "uri": {
                "actions": ["update"],
                "before": "planted-uri-before",
                "after": "planted-uri-after",
                "before_sensitive": True,
                "after_sensitive": True,
            },
            "same": {"actions": ["no-op"], "before": 1, "after": 1},
        },
        "resource_drift": [],
        "prior_state": {"values": {"x": "planted-state"}},
    }


def digest(plan: dict[str, Any]) -> str:
    return summarise(json.dumps(plan)).digest


def planted(value: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of each planted secret in VALUE."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[Any, Any]] = []
    for key, each in items:
        found += [(value, key)] if isinstance(each, str) and each.startswith("planted") else planted(each)
    return found


def test_no_secret_influences_the_hash() -> None:
    """Nobody can try a secret's values against the hash: another value of any secret, of any kind, changes nothing."""
    hashes = {digest(full())}
    for place in range(len(planted(full()))):
        for value in ("", "another", 12, None, ["a", "b"], {"a": "b"}, "x" * 1000):
            plan = full()
            container, key = planted(plan)[place]
            container[key] = value
            hashes.add(digest(plan))

    assert len(planted(full())) >= 8
    assert len(hashes) == 1


def test_no_secret_is_in_the_summary() -> None:
    """Neither what is printed nor what --json tells holds a value."""
    summary = summarise(json.dumps(full()))

    assert "planted" not in repr(summary) + json.dumps(summary.as_dict())


def test_same_plan_has_the_same_hash_at_another_time_and_in_another_order() -> None:
    """When it was made, by which Terraform, in which order it was written, and what stays as it is does not count."""
    plan = full()
    plan |= {"timestamp": "2027-01-01T00:00:00Z", "terraform_version": "1.12.0"}
    plan["resource_changes"] = plan["resource_changes"][:1:-1] + plan["resource_changes"][:2][::-1]
    plan["resource_changes"][0]["change"] |= {"before": 5, "after": 5}
    plan["output_changes"] = dict(reversed(plan["output_changes"].items()))
    del plan["output_changes"]["same"]

    assert digest(plan) == digest(full())


def test_order_does_not_count_where_two_have_one_address() -> None:
    """A resource and what was deposed of it share an address."""
    plan = full()
    deposed = {**copy.deepcopy(plan["resource_changes"][0]), "deposed": "0123abcd"}
    plan["resource_changes"].append(deposed)
    turned = {**plan, "resource_changes": plan["resource_changes"][::-1]}

    assert digest(plan) == digest(turned) != digest(full())


def changed(plan: dict[str, Any], *path: Any) -> str:
    """Return the hash of PLAN with something else in the place PATH."""
    *way, last = path
    place: Any = plan
    for step in way:
        place = place[step]
    place[last] = ["create"] if last == "actions" else "something else"
    return digest(plan)


FIRST = ("resource_changes", 0)
PLACES: list[tuple[Any, ...]] = [
    (*FIRST, "address"),
    (*FIRST, "deposed"),
    (*FIRST, "previous_address"),
    (*FIRST, "action_reason"),
    (*FIRST, "change", "actions"),
    (*FIRST, "change", "before", "replicas"),
    (*FIRST, "change", "after", "replicas"),
    (*FIRST, "change", "after", "image"),
    (*FIRST, "change", "after", "env", 0, "name"),
    (*FIRST, "change", "after", "new"),
    (*FIRST, "change", "after_unknown"),
    (*FIRST, "change", "importing"),
    ("resource_changes", 1, "change", "replace_paths"),
    ("resource_changes", 2, "change", "actions"),
    ("output_changes", "chat_api_url", "actions"),
    ("output_changes", "chat_api_url", "after"),
    ("output_changes", "same", "actions"),
]


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_any_difference_makes_another_hash(path: tuple[Any, ...]) -> None:
    """An address, an action, a value, an image, an output: nothing of what was approved may be another."""
    assert changed(full(), *path) != digest(full())


def test_every_place_makes_a_hash_of_its_own() -> None:
    """What changes here is never taken for what changes there."""
    assert len({changed(full(), *path) for path in PLACES}) == len(PLACES)


def test_resource_and_output_that_appear_or_vanish_make_another_hash() -> None:
    """One change more or fewer is another plan, also an unknown action such as `forget`."""
    fewer, more = full(), full()
    del fewer["resource_changes"][0]
    more["resource_changes"].append({"address": "a.b", "change": {"actions": ["forget"], "before": {}, "after": None}})

    assert len({digest(fewer), digest(more), digest(full()), digest({})}) == 4


def test_hash_is_sha_256_in_hex() -> None:
    """64 digits, of an empty plan too."""
    for plan in (full(), {}):
        assert len(bytes.fromhex(digest(plan))) == 32
    assert PlanSummary((), outputs_change=False).digest == ""


@pytest.mark.parametrize(
    ("value", "marks", "left"),
    [
        ("x", False, "x"),
        ("x", True, SENSITIVE),
        ({"a": 1, "b": 2}, {"a": True}, {"a": SENSITIVE, "b": 2}),
        ([1, 2, 3], [False, True], [1, SENSITIVE, 3]),
        ([{"a": 1}], [{"a": True}], [{"a": SENSITIVE}]),
        ({"a": None}, {"a": True}, {"a": SENSITIVE}),
        (None, {"a": True}, None),
    ],
)
def test_mask_follows_the_marks(value: Any, marks: Any, left: Any) -> None:
    """What Terraform marks is hidden, however deep, and nothing else."""
    assert mask(value, marks) == left
