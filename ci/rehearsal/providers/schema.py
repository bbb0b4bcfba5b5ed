"""The published providers' schemas, as files and as messages of the plug-in protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyvider.protocols.tfprotov6.protobuf import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).with_name("schemas")

# Terraform's words in `terraform providers schema -json` for both enums of the protocol.
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}
_FLAGS = ("required", "optional", "computed", "sensitive", "deprecated", "write_only")


@dataclass(frozen=True)
class ProviderSchema:
    """What one release of a provider knows: its own settings, its resource types and its data sources."""

    source: str
    version: str
    provider: Mapping[str, Any]
    resources: Mapping[str, Mapping[str, Any]]
    data_sources: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        """The last part of the source, such as `aws`."""
        return self.source.rpartition("/")[2]


def load(folder: Path = FOLDER) -> list[ProviderSchema]:
    """Return the schemas kept in FOLDER, sorted by file name."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> ProviderSchema:
    content = json.loads(path.read_text())
    return ProviderSchema(
        source=content["source"],
        version=content["provider_version"],
        provider=content["provider"],
        resources=content["resource_schemas"],
        data_sources=content["data_source_schemas"],
    )


def message(schema: Mapping[str, Any]) -> Schema:
    """Return SCHEMA, one entry of `terraform providers schema -json`, as a message."""
    return Schema(version=schema["version"], block=_block(schema["block"]))


def _block(block: Mapping[str, Any]) -> Schema.Block:
    return Schema.Block(
        attributes=_attributes(block),
        block_types=[
            Schema.NestedBlock(
                type_name=name,
                block=_block(each["block"]),
                nesting=_NESTING[each["nesting_mode"]],  # type: ignore[arg-type]  # the stubs want the enum's own type
                min_items=each.get("min_items", 0),
                max_items=each.get("max_items", 0),
            )
            for name, each in block.get("block_types", {}).items()
        ],
        deprecated=block.get("deprecated", False),
    )


def _attributes(block: Mapping[str, Any]) -> list[Schema.Attribute]:
    return [_attribute(name, each) for name, each in block.get("attributes", {}).items()]


def _attribute(name: str, attribute: Mapping[str, Any]) -> Schema.Attribute:
    flags = {flag: attribute.get(flag, False) for flag in _FLAGS}
    if "nested_type" not in attribute:
        return Schema.Attribute(name=name, type=json.dumps(attribute["type"]).encode(), **flags)
    nested = attribute["nested_type"]
    return Schema.Attribute(
        name=name,
        nested_type=Schema.Object(
            attributes=_attributes(nested),
            nesting=_NESTING[nested["nesting_mode"]],  # type: ignore[arg-type]  # as above
        ),
        **flags,
    )
