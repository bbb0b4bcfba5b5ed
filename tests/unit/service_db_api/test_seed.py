"""The command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from service_db_api import seed
from service_kit.environment import Misconfigured

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = {
    "providers": 6,
    "patients": 8,
    "encounters": 14,
    "claims": 14,
    "documents": 21,
    "chat_logs": 0,
    "audit_logs": 0,
}
# Nothing resolves this name: it is reserved for that.
ELSEWHERE = "mongodb://db.invalid"
NOBODY = "mongodb://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    # The command owns its process's log; here it would take pytest's over.
    monkeypatch.setattr("service_kit.logs.configure", lambda *_: None)


@pytest.mark.usefixtures("hasty_driver")
@pytest.mark.parametrize("arguments", [[], ["--patients", "3"], ["--drop"]])
def test_a_lost_database_ends_in_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """A job that could not load must not look as if it had."""
    monkeypatch.setenv("MONGODB_URI", NOBODY)

    assert seed.main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("Not all was loaded: The database does not answer")
    assert told.endswith("It is safe to run this again.\n")


@pytest.mark.parametrize("name", ["carepath", "other"])
def test_dropping_what_is_elsewhere_asks_for_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """The sentence says how to confirm, and nobody was asked anything."""
    monkeypatch.setenv("MONGODB_URI", ELSEWHERE)
    monkeypatch.setenv("MONGODB_DB_NAME", name)

    assert seed.main(["--drop"]) == 2
    told = capsys.readouterr().err
    assert f"--yes-drop-database {name}" in told
    assert ELSEWHERE not in told


@pytest.mark.parametrize("uri", [ELSEWHERE, NOBODY])
def test_dropping_another_database_than_the_named_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], uri: str
) -> None:
    """A confirmation that was copied from another call confirms nothing."""
    monkeypatch.setenv("MONGODB_URI", uri)

    assert seed.main(["--drop", "--yes-drop-database", "carepath-test"]) == 2
    assert "names another database" in capsys.readouterr().err


@pytest.mark.usefixtures("hasty_driver")
def test_dropping_what_is_elsewhere_goes_on_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the name of the database it is tried; here nothing answers."""
    monkeypatch.setenv("MONGODB_URI", ELSEWHERE)

    assert seed.main(["--drop", "--yes-drop-database", "carepath"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_loading_into_a_folder_that_goes_away_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that nobody could ever read are not worth a success."""
    monkeypatch.setenv("MONGODB_URI", "embedded")
    monkeypatch.delenv("EMBEDDED_DATA_DIR", raising=False)

    with pytest.raises(Misconfigured, match="EMBEDDED_DATA_DIR"):
        seed.main([])


def test_a_folder_that_cannot_be_written_ends_in_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What the disk says is told, without a traceback."""
    (tmp_path / "file").touch()

    assert seed.main(["--out", str(tmp_path / "file" / "below")]) == 1
    assert capsys.readouterr().err.startswith("Not all was written: Not a directory")


@pytest.mark.usefixtures("database")
def test_the_command_can_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    """The counts of the personas are printed, and a second run ends in the same."""
    assert (seed.main([]), seed.main([])) == (0, 0)
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [f"{name}: {count}" for name, count in COUNTS.items()] * 2
    )


@pytest.mark.usefixtures("database")
def test_a_machine_gets_a_last_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What was loaded, and from what, without reading prose."""
    assert seed.main(["--patients", "2", "--seed", "9", "--drop", "--json"]) == 0

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["counts"]["patients"] == 10
    assert (told["generated"], told["seed"], told["as_of"], told["dropped"]) == (2, 9, "2026-01-01", True)
