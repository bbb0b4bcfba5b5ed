"""The schemas that are committed are those that the configuration needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.rehearsal.providers import refresh, schema

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "registry.terraform.io/hashicorp/aws"


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    """What is not the answer of `terraform providers schema -json` changes no schema."""
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")

    with pytest.raises(KeyError, match="provider_schemas"):
        refresh.main([str(wrong), str(wrong)])


def test_every_type_in_use_has_a_schema_and_no_other() -> None:
    """A resource added to the configuration needs a refresh, one taken away as well."""
    known = schema.load()
    resources, data_sources = refresh.used_types()

    assert {name for each in known for name in each.resources} == resources
    assert {name for each in known for name in each.data_sources} == data_sources


def test_each_provider_of_the_configuration_has_a_stand_in() -> None:
    """Three providers, each with the release its schema was read from."""
    assert {each.name: each.version.split(".")[0] for each in schema.load()} == {
        "aws": "5",
        "kubernetes": "3",
        "mongodbatlas": "2",
    }


def test_refreshing_keeps_names_and_types_only() -> None:
    """Prose goes, an attribute that is called description stays."""
    whole = {
        "provider": {"version": 0, "block": {"description_kind": "plain"}},
        "resource_schemas": {
            "aws_vpc": {"version": 1, "block": {"attributes": {"description": {"type": "string", "description": "x"}}}},
            "aws_lb": {"version": 0, "block": {}},
        },
    }

    trimmed = refresh.trim(SOURCE, "6.0.0", whole, {"aws_vpc"}, set())

    assert trimmed == {
        "source": SOURCE,
        "provider_version": "6.0.0",
        "provider": {"version": 0, "block": {}},
        "resource_schemas": {"aws_vpc": {"version": 1, "block": {"attributes": {"description": {"type": "string"}}}}},
        "data_source_schemas": {},
    }
    assert json.loads(refresh.text(trimmed)) == trimmed


def test_refreshing_writes_one_file_a_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform's own provider is left out, since it is part of Terraform."""
    answer: dict[str, Any] = {"provider": {"version": 0, "block": {}}}
    given: dict[str, Any] = {"schema": {"provider_schemas": {SOURCE: answer, "terraform.io/builtin/terraform": answer}}}
    given["versions"] = {"provider_selections": {SOURCE: "6.1.0"}}
    for name, content in given.items():
        tmp_path.joinpath(f"{name}.txt").write_text(json.dumps(content))
    monkeypatch.setattr(refresh, "FOLDER", tmp_path)

    refresh.main([str(tmp_path / "schema.txt"), str(tmp_path / "versions.txt")])

    assert [path.name for path in tmp_path.glob("*.json")] == ["aws.json"]
    assert schema.load(tmp_path)[0].version == "6.1.0"


def test_nesting_and_flags_reach_terraform() -> None:
    """What Terraform checks by schema is all in the message: nesting, bounds, write-only."""
    atlas, kubernetes = (
        next(each for each in schema.load() if each.name == name) for name in ("mongodbatlas", "kubernetes")
    )
    user = schema.message(atlas.resources["mongodbatlas_database_user"])
    cluster = schema.message(atlas.resources["mongodbatlas_advanced_cluster"])
    deployment = schema.message(kubernetes.resources["kubernetes_deployment_v1"])
    attributes = {each.name: each for each in (*user.block.attributes, *cluster.block.attributes)}
    metadata = next(each for each in deployment.block.block_types if each.type_name == "metadata")

    assert attributes["password_wo"].write_only
    assert [each.name for each in attributes["replication_specs"].nested_type.attributes if each.required] == [
        "region_configs"
    ]
    assert (metadata.min_items, metadata.max_items) == (1, 1)
    assert deployment.version == 1
