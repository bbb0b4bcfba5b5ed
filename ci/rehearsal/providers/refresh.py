"""
Take the schemas of newer providers: `python -m ci.rehearsal.providers.refresh SCHEMA.json VERSIONS.json`.

Where the published providers can be had, in infra/terraform/envs/demo:

    terraform init -backend=false
    terraform providers schema -json > SCHEMA.json
    terraform version -json > VERSIONS.json

Kept are names and types, and of those only what infra uses.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci.rehearsal.providers.schema import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

INFRA = Path(__file__).resolve().parents[3] / "infra"
_DECLARED = re.compile(r'^(resource|data)\s+"(\w+)"', re.MULTILINE)
_UNWANTED = {"description", "description_kind", "deprecation_message"}


def used_types(folder: Path = INFRA) -> tuple[set[str], set[str]]:
    """Return the resource types and the data sources that the configuration in FOLDER declares."""
    found: dict[str, set[str]] = {"resource": set(), "data": set()}
    for path in folder.rglob("*.tf"):
        for kind, name in _DECLARED.findall(path.read_text()):
            found[kind].add(name)
    # Terraform's own, of no provider.
    return found["resource"] - {"terraform_data"}, found["data"]


def trim(
    source: str, version: str, whole: Mapping[str, Any], resources: set[str], data_sources: set[str]
) -> dict[str, Any]:
    """Return of the provider's WHOLE schema what is used: its settings, RESOURCES and DATA_SOURCES."""
    return {
        "source": source,
        "provider_version": version,
        "provider": _bare(whole["provider"]),
        "resource_schemas": _kept(whole, "resource_schemas", resources),
        "data_source_schemas": _kept(whole, "data_source_schemas", data_sources),
    }


def _kept(whole: Mapping[str, Any], section: str, used: set[str]) -> dict[str, Any]:
    return {name: _bare(each) for name, each in sorted(whole.get(section, {}).items()) if name in used}


def _bare(value: Any) -> Any:
    """Return VALUE without prose; a `description` that is itself an attribute stays."""
    if isinstance(value, dict):
        return {name: _bare(each) for name, each in value.items() if name not in _UNWANTED or isinstance(each, dict)}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def text(content: Mapping[str, Any]) -> str:
    """Return CONTENT as JSON with one line for each type, so that a change of one shows as one line."""
    sections = []
    for name, value in content.items():
        if not name.endswith("_schemas"):
            sections.append(f'"{name}": {_compact(value)}')
            continue
        rows = ",\n".join(f'  "{kind}": {_compact(each)}' for kind, each in value.items())
        sections.append(f'"{name}": {{\n{rows}\n}}' if rows else f'"{name}": {{}}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def main(arguments: list[str] | None = None) -> int:
    """Write one trimmed file for each provider into the schemas' folder."""
    parser = argparse.ArgumentParser(
        prog="python -m ci.rehearsal.providers.refresh",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("schema", type=Path, help="what `terraform providers schema -json` printed")
    parser.add_argument("versions", type=Path, help="what `terraform version -json` printed")
    told = parser.parse_args(arguments)
    schemas = json.loads(told.schema.read_text())["provider_schemas"]
    versions = json.loads(told.versions.read_text())["provider_selections"]
    resources, data_sources = used_types()
    for source, whole in schemas.items():
        if source.startswith("terraform.io/"):
            continue
        content = trim(source, versions[source], whole, resources, data_sources)
        FOLDER.joinpath(f"{source.rpartition('/')[2]}.json").write_text(text(content))
    return 0


if __name__ == "__main__":
    sys.exit(main())
