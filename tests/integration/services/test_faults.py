"""Faults between the services, and at their start and stop, over real sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.services.process import (
    ROOT,
    chat_api,
    client,
    database_process,
    db_api,
    environment,
    gone,
    nobody,
)

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = {"patient_mrn": "P000102", "query": "I slipped and hit my head"}


def test_database_that_is_lost_is_survived(tmp_path: Path) -> None:
    """With the database killed, both stay alive, neither is ready, and questions are refused with when to come back."""
    hurry = {"STOP_GRACE_SECONDS": "0.2"}
    with (
        db_api(tmp_path, MONGO_SERVER_SELECTION_TIMEOUT_MS="300", **hurry) as lower,
        chat_api(tmp_path, lower.address, DB_API_TIMEOUT_S="30", REQUEST_DEADLINE_S="60", **hurry) as upper,
        client(lower.address) as below,
        client(upper.address) as above,
    ):
        os.kill(database_process(lower), signal.SIGKILL)
        asked = above.post("/triage", json=QUESTION)
        ready = [each.get("/health?check=ready").status_code for each in (below, above)]
        alive = [each.get("/health").status_code for each in (below, above)]
        reasons = [line.get("reason") for line in upper.lines()]

    assert (asked.status_code, asked.json()["code"]) == (503, "db_api_unavailable")
    assert asked.headers["retry-after"] == "2"
    # By db-api's word, not because it took too long to say it.
    assert "status 503" in reasons
    assert (ready, alive) == ([503, 503], [200, 200])


def test_db_api_starts_while_the_database_is_away(tmp_path: Path) -> None:
    """
    A service that waits for its database to start would be restarted for nothing.

    Without a port for metrics there are none anywhere.
    """
    settings = {"MONGO_SERVER_SELECTION_TIMEOUT_MS": "200"}
    with (
        nobody() as address,
        db_api(tmp_path, MONGODB_URI=f"mongodb://{address}", **settings) as running,
        client(running.address) as below,
    ):
        statuses = {path: below.get(path).status_code for path in ("/health", "/health/db", "/metrics")}

    assert statuses == {"/health": 200, "/health/db": 503, "/metrics": 404}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_stop_of_db_api_leaves_nothing_running(tmp_path: Path, how: signal.Signals) -> None:
    """However db-api is stopped, its database ends with it; asked politely, its data folder goes as well."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    with db_api(tmp_path, TMPDIR=str(folder)) as running:
        database = database_process(running)
        assert list(folder.iterdir())
        running.stop(how)

        assert gone(database)
    assert how == signal.SIGKILL or not list(folder.iterdir())


def test_setting_that_is_wrong_ends_the_start_in_a_sentence() -> None:
    """After a typing error the output names the variable and the choice, and has no traceback."""
    command = [sys.executable, "-m", "uvicorn", "service_chat.main:app", "--port", "0"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment({"LLM_MODE": "gpt"}), capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert done.stderr.strip() == "LLM_MODE 'gpt' is unknown; choose one of: anthropic, mock, openai."
