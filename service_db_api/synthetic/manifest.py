"""What a folder of generated records holds, and how to tell whether it still does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from service_db_api.synthetic.generator import VERSION

if TYPE_CHECKING:
    from service_db_api.synthetic.generator import Recipe

NAME = "manifest.json"


@dataclass(frozen=True)
class File:
    """One collection as a file; `size` in bytes."""

    name: str
    records: int
    size: int
    sha256: str


def manifest(recipe: Recipe, files: list[File]) -> bytes:
    """Return the manifest of FILES as JSON; it holds no time and no place, so that equal records have equal ones."""
    content = {
        "generator_version": VERSION,
        "patients": recipe.patients,
        "seed": recipe.seed,
        "as_of": recipe.as_of.isoformat(),
        "files": {
            each.name: {"records": each.records, "bytes": each.size, "sha256": each.sha256}
            for each in sorted(files, key=lambda each: each.name)
        },
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
