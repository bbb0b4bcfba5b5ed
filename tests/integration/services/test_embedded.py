"""The embedded database: a process of its own that keeps its data, and what its loss does to a load."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from service_db_api import indexes, seed
from service_db_api.errors import DatabaseUnavailable
from service_db_api.loading.load import load_batches
from service_db_api.settings import Settings
from service_db_api.store import embedded
from service_db_api.store.opening import opened
from service_db_api.store.schema import COLLECTIONS, PATIENTS
from service_db_api.synthetic.generator import Recipe, batches
from service_kit.environment import Misconfigured
from tests.integration.services.process import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

RECIPE = Recipe(patients=3)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.slow
def test_commands_with_a_folder_find_there_what_an_earlier_one_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The database of each command is another process; the data is in the folder, and a second load adds nothing."""
    # The commands own their process's log; here they would take pytest's over.
    monkeypatch.setattr("service_kit.logs.configure", lambda *_: None)
    monkeypatch.setenv("MONGODB_URI", "embedded")
    monkeypatch.setenv("EMBEDDED_DATA_DIR", str(tmp_path / "data"))

    assert (seed.main([]), indexes.main(), seed.main([])) == (0, 0, 0)

    printed = capsys.readouterr().out.splitlines()
    assert printed.count("patients: 8") == 2
    # One more than in MongoDB: those that only the embedded database needs.
    assert "encounters: 4 indexes" in printed


@pytest.mark.anyio
async def test_database_with_a_folder_keeps_its_data(tmp_path: Path) -> None:
    """What is written to a folder is there at the next start."""
    for expected in (True, False):
        async with embedded.running(tmp_path) as uri, at(uri) as store:
            assert await store.is_empty() is expected
            await store.upsert(PATIENTS, [{"mrn": "P000777"}])


@pytest.mark.anyio
async def test_database_with_an_unusable_folder_names_it(tmp_path: Path) -> None:
    """The embedded database says which folder it could not use."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Misconfigured, match="Set EMBEDDED_DATA_DIR"):
        async with embedded.running(tmp_path / "file"):
            pass


@pytest.mark.anyio
async def test_load_after_the_database_was_lost_ends_in_the_same_records(tmp_path: Path) -> None:
    """What ends in an error after the first batch ends, once repeated, in the same records as an undisturbed run."""
    async with child(tmp_path / "lost") as (database, lost):
        with pytest.raises(DatabaseUnavailable):
            await load_batches(lost, batches(RECIPE), lambda _: database.kill())
    async with child(tmp_path / "lost") as (_, back):
        assert await back.count(PATIENTS, {}) == 8
        await load_batches(back, batches(RECIPE), lambda _: None)
        repeated = await held(back)
    async with child(tmp_path / "undisturbed") as (_, store):
        await load_batches(store, batches(RECIPE), lambda _: None)
        assert await held(store) == repeated


@contextlib.asynccontextmanager
async def child(folder: Path) -> AsyncIterator[tuple[subprocess.Popen[str], Store]]:
    """Yield a database over `folder`, which reports its port in its first line, and its store."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "service_db_api.store.embedded", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as database:
        assert database.stdout
        async with at(f"mongodb://127.0.0.1:{database.stdout.readline().strip()}") as store:
            yield database, store
        database.kill()


@contextlib.asynccontextmanager
async def at(uri: str) -> AsyncIterator[Store]:
    """Yield the store of the server at `uri`."""
    settings = {"mongodb_uri": uri, "mongo_server_selection_timeout_ms": 300}
    async with opened(Settings.model_validate(settings)) as found:
        yield found


async def held(store: Store) -> dict[str, list[Row]]:
    """Return all records by collection, in the order of their keys."""
    return {
        collection.name: [row async for row in store.each(collection, {}, ((collection.key, 1),))]
        for collection in COLLECTIONS
    }
