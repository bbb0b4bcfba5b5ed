"""The pods' stand-in on this machine: what is told when a service does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.errors import SmokeFailed
from ci.rehearsal import processes

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def test_damaged_database_is_not_for_ever(tmp_path: Path) -> None:
    """Files that a killed rehearsal spoiled end the run with the option that begins with new ones."""
    (tmp_path / "mongo").mkdir()
    for name in ("admin.db", "carepath.db"):
        (tmp_path / "mongo" / name).write_text("damaged")

    with pytest.raises(SmokeFailed) as caught:
        async with processes.serve(tmp_path):
            pass

    assert (caught.value.code, caught.value.exit_code) == ("service_not_started", 9)
    assert "rehearse --fresh" in caught.value.hint
