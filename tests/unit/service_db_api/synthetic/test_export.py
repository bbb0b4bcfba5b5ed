"""Files of generated records."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from service_db_api.store.schema import COLLECTIONS
from service_db_api.synthetic.export import export
from service_db_api.synthetic.generator import Recipe

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = Recipe(patients=25)
# A change of any record changes this: raise the generator's VERSION with it.
GOLDEN = "efc25aa2812928824dbaa6b47d579765b1eedb13b8e464fa14b5d1320ab1400b"


def quiet(_: int) -> None:
    """Be told of progress and keep it."""


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_fault_on_the_way_leaves_the_earlier_files(tmp_path: Path, fault: BaseException) -> None:
    """Half a set never takes the place of a whole one, and no half file stays behind."""
    export(RECIPE, tmp_path, quiet)
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}

    def failing(_: int) -> None:
        raise fault

    with pytest.raises(type(fault)):
        export(Recipe(patients=3, seed=8), tmp_path, failing)

    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


def test_the_manifest_tells_what_the_files_hold(tmp_path: Path) -> None:
    """Counts, sizes and digests are those of the files."""
    counts = export(RECIPE, tmp_path / "new" / "folder", quiet)

    folder = tmp_path / "new" / "folder"
    told = json.loads((folder / "manifest.json").read_bytes())
    assert {name: told[name] for name in ("patients", "seed", "as_of")} == {
        "patients": 25,
        "seed": 7,
        "as_of": "2026-01-01",
    }
    assert sorted(told["files"]) == sorted(f"{each.name}.jsonl" for each in COLLECTIONS)
    for name, each in told["files"].items():
        content = (folder / name).read_bytes()
        assert each == {"records": content.count(b"\n"), "bytes": len(content), "sha256": digest(content)}
        assert counts[name.removesuffix(".jsonl")] == each["records"]
    assert counts["patients"] == 33


def test_a_line_is_what_the_service_answers(tmp_path: Path) -> None:
    """Behind its `_id`, each line is its model's own JSON: money as text, instants with Z."""
    export(RECIPE, tmp_path, quiet)

    for collection in COLLECTIONS:
        for line in (tmp_path / f"{collection.name}.jsonl").read_text(encoding="utf-8").splitlines():
            shown: dict[str, Any] = json.loads(line)
            assert shown.pop("_id") == collection.identity(shown[collection.key])
            assert json.loads(collection.model.model_validate(shown, extra="forbid").model_dump_json()) == shown


def test_the_records_are_those_of_every_run_and_version(tmp_path: Path) -> None:
    """The manifest, and with it every byte of every file, is the one that was written down here."""
    export(RECIPE, tmp_path, quiet)

    assert digest((tmp_path / "manifest.json").read_bytes()) == GOLDEN
