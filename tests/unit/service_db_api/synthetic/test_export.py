"""Files of generated records."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service_db_api.store.schema import COLLECTIONS
from service_db_api.synthetic.export import export
from service_db_api.synthetic.generator import Recipe

ROOT = Path(__file__).resolve().parents[4]
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


def test_processes_with_other_hashes_write_the_same_bytes(tmp_path: Path) -> None:
    """Nothing depends on the order of a set, on the salt of a hash, on the time zone, or on the locale."""
    command = [sys.executable, "-m", "service_db_api.seed", "--patients", "60", "--seed", "11", "--as-of", "2024-02-29"]
    at_once = [
        subprocess.Popen(
            [*command, "--out", str(tmp_path / name)], cwd=ROOT, env={**os.environ, **more}, stdout=subprocess.DEVNULL
        )
        for name, more in {
            "one": {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
            "two": {"PYTHONHASHSEED": "271828", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"},
        }.items()
    ]
    assert [each.wait() for each in at_once] == [0, 0]
    assert names(tmp_path / "one") == names(tmp_path / "two")
    for name in names(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
