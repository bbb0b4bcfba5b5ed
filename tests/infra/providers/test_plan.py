"""What a stand-in promises at plan."""

from __future__ import annotations

from typing import Any

from ci.rehearsal.providers.plan import plan, replaced_by, tagged
from ci.rehearsal.providers.values import UNKNOWN

BLOCK: dict[str, Any] = {
    "attributes": {
        "name": {"type": "string", "required": True},
        "note": {"type": "string", "optional": True},
        "id": {"type": "string", "computed": True},
        "secret": {"type": "string", "optional": True, "write_only": True},
        "size": {
            "optional": True,
            "nested_type": {"nesting_mode": "single", "attributes": {"disk": {"type": "number", "computed": True}}},
        },
    },
    "block_types": {
        mode: {"nesting_mode": mode, "block": {"attributes": {"uid": {"type": "string", "computed": True}}}}
        for mode in ("list", "set")
    },
}
NOTHING: dict[str, Any] = {"name": "a", "note": None, "id": None, "secret": "s", "size": None, "list": [], "set": []}


def test_only_what_the_provider_decides_is_unknown() -> None:
    """What the configuration leaves out stays out; what it may not say is open until apply."""
    planned = plan(BLOCK, NOTHING, None)

    assert planned["id"] is UNKNOWN
    assert planned["note"] is None


def test_a_write_only_value_is_never_promised() -> None:
    """It would be kept in the plan."""
    assert plan(BLOCK, NOTHING, None)["secret"] is None


def test_what_is_nested_is_planned_too() -> None:
    """In blocks and in nested attributes alike."""
    proposed = {**NOTHING, "size": {"disk": None}, "list": [{"uid": None}], "set": [{"uid": None}]}

    planned = plan(BLOCK, proposed, None)

    assert (planned["size"], planned["list"], planned["set"]) == (
        {"disk": UNKNOWN},
        [{"uid": UNKNOWN}],
        [{"uid": UNKNOWN}],
    )


def test_what_was_decided_stays_and_what_is_new_is_open() -> None:
    """An update asks again for nothing that is known, so that a second plan is empty."""
    prior = {**NOTHING, "id": "i", "secret": None, "list": [{"uid": "1"}], "set": [{"uid": "2"}]}
    proposed = {**prior, "list": [{"uid": "1"}, {"uid": None}], "set": [{"uid": "2"}, {"uid": None}]}

    planned = plan(BLOCK, proposed, prior)

    assert planned["id"] == "i"
    assert planned["list"] == [{"uid": "1"}, {"uid": UNKNOWN}]
    assert planned["set"] == [{"uid": "2"}, {"uid": UNKNOWN}]
    assert plan(BLOCK, prior, prior) == prior


def test_a_list_that_is_not_known_yet_stays_so() -> None:
    """Blocks may depend on what does not exist."""
    assert plan(BLOCK, {**NOTHING, "list": UNKNOWN}, None)["list"] is UNKNOWN


def test_replacement_is_told_by_the_path() -> None:
    """Terraform shows which argument makes a resource new."""
    prior = {"metadata": [{"name": "a", "namespace": "n"}]}

    assert list(replaced_by("kubernetes_secret_v1", prior, {"metadata": [{"name": "b", "namespace": "n"}]})) == [
        ["metadata", 0, "name"]
    ]
    assert list(replaced_by("aws_vpc", {"cidr_block": "10.0.0.0/16"}, {"cidr_block": "10.1.0.0/16"})) == [
        ["cidr_block"]
    ]
    assert list(replaced_by("aws_kms_alias", {"name": "a"}, {"name": "b"})) == []


def test_a_job_with_another_pod_is_another_job() -> None:
    """The API refuses a change of a job's pods; a Deployment's are what a rollout is about."""
    prior = {"spec": [{"completions": 1, "backoff_limit": 6, "template": [{"spec": [{"container": ["a"]}]}]}]}
    pod = {"spec": [{**prior["spec"][0], "template": [{"spec": [{"container": ["b"]}]}]}]}
    tries = {"spec": [{**prior["spec"][0], "backoff_limit": 3}]}

    assert list(replaced_by("kubernetes_job_v1", prior, pod)) == [["spec", 0, "template"]]
    assert list(replaced_by("kubernetes_job_v1", prior, tries)) == []
    assert list(replaced_by("kubernetes_deployment_v1", prior, pod)) == []


def test_default_tags_are_part_of_all_tags() -> None:
    """A resource's own tag wins; a type without tags gets none."""
    assert tagged({"tags": {"a": "1"}, "tags_all": None}, {"a": "0", "b": "2"})["tags_all"] == {"a": "1", "b": "2"}
    assert tagged({"name": "x"}, {"b": "2"}) == {"name": "x"}
