"""Indexes are made by the command, and by nobody else but the embedded mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_db_api import indexes
from service_db_api.main import create_app
from tests.unit.service_db_api.served import Served, serve

if TYPE_CHECKING:
    from service_db_api.settings import Settings


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    # The command owns its process's log; here it would take pytest's over.
    monkeypatch.setattr("service_kit.logs.configure", lambda *_: None)


@pytest.mark.usefixtures("hasty_driver")
def test_a_lost_database_ends_in_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A job that could not do its work must not look as if it had."""
    monkeypatch.setenv("MONGODB_URI", "mongodb://127.0.0.1:1")

    assert indexes.main() == 1
    told = capsys.readouterr().err
    assert "safe to run this again" in told
    assert "127.0.0.1" not in told


@pytest.mark.usefixtures("database")
def test_the_command_can_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    """It tells how many indexes each collection has, the second time like the first."""
    told = []
    for _ in range(2):
        assert indexes.main() == 0
        told.append([line for line in capsys.readouterr().out.splitlines() if line.endswith(" indexes")])
    assert told[0] == told[1]
    assert "encounters: 3 indexes" in told[0]


@pytest.mark.anyio
async def test_a_replica_makes_none(served: Served, database: Settings) -> None:
    """Over a database of its own accord a starting process changes nothing, so replicas do not race."""
    async with serve(create_app(database)) as replica:
        assert (await replica.client.get("/patients")).json()["total"] == 0
        await replica.audit.settled()

        found = await served.store._client[database.mongodb_db_name]["patients"].index_information()
        assert [each for each in found if "mrn" in each] == []
