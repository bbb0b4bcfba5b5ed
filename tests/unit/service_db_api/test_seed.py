"""Loading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_db_api import seed
from service_db_api.personas import personas
from service_db_api.store.schema import PATIENTS
from service_kit.environment import Misconfigured

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.service_db_api.served import Served

COUNTS = {"providers": 6, "patients": 8, "encounters": 14, "claims": 14, "documents": 21}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    # The command owns its process's log; here it would take pytest's over.
    monkeypatch.setattr("service_kit.logs.configure", lambda *_: None)


def test_a_lost_database_ends_in_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A job that could not load must not look as if it had."""
    monkeypatch.setenv("MONGODB_URI", "mongodb://127.0.0.1:1")
    monkeypatch.setenv("MONGO_SERVER_SELECTION_TIMEOUT_MS", "50")

    assert seed.main() == 1
    assert capsys.readouterr().err.startswith("Not all was loaded: The database does not answer")


def test_loading_into_a_folder_that_goes_away_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that nobody could ever read are not worth a success."""
    monkeypatch.setenv("MONGODB_URI", "embedded")
    monkeypatch.delenv("EMBEDDED_DATA_DIR", raising=False)

    with pytest.raises(Misconfigured, match="EMBEDDED_DATA_DIR"):
        seed.main()


def test_the_command_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The counts are printed, and a second run ends in the same."""
    monkeypatch.setenv("MONGODB_URI", "embedded")
    monkeypatch.setenv("EMBEDDED_DATA_DIR", str(tmp_path / "data"))

    assert (seed.main(), seed.main()) == (0, 0)
    printed = [line for line in capsys.readouterr().out.splitlines() if "embedded_database_started" not in line]
    assert printed == [f"{name}: {count}" for name, count in COUNTS.items()] * 2


@pytest.mark.anyio
async def test_what_has_the_same_key_is_replaced(served: Served) -> None:
    """Loading mends a changed record and makes no second one."""
    changed = {**(await served.store.patient("P000101") or {}), "risk_score": 0.99}
    await served.store.upsert(PATIENTS, [changed])

    counts = await seed.load(served.store, personas())

    mended = await served.store.patient("P000101") or {}
    assert counts == COUNTS
    assert mended["risk_score"] == 0.46
    assert (await served.store.patients(0, 1))[1] == 8
