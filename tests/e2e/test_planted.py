"""Secrets in the source, the environment and the state stay where they are."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from tests.e2e.planted import MARK, RECORDS, commands_watched, marked, plant_in_state, search
from tests.e2e.rehearsal import rehearse

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("packed", [False, True])
def test_mark_in_a_layer_is_found(tmp_path: Path, packed: bool) -> None:
    """The search below would see it: in a plain file, and in a layer, packed or not."""
    content = f"PASSWORD={MARK}".encode()
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        member = tarfile.TarInfo("app/.env")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    (tmp_path / "layer").write_bytes(gzip.compress(layer.getvalue()) if packed else layer.getvalue())
    (tmp_path / "log").write_bytes(content)

    assert {"layer: app/.env", "log"} <= set(marked(tmp_path))


def test_mark_in_a_command_line_is_found() -> None:
    """The watch below would see it, however short the command."""
    with commands_watched() as found:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)", MARK], check=True)

    assert any(MARK in line for line in found)


@pytest.mark.slow
def test_secret_in_the_state_turns_up_nowhere(checkout: Path) -> None:
    """In no log, plan, report or process list of a second rehearsal; those of the first are in test_rehearsal.py."""
    first, _, lines = rehearse(checkout, "host", "--fresh")
    assert first == 0, lines

    plant_in_state(checkout / ".carepath/rehearsal/host" / RECORDS)
    second, found = search(checkout, "host")

    assert second[0] == 0, second[2]
    assert second[1]["plan"]["update"] >= 1
    assert not any(found.values()), found
