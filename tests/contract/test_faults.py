"""Faults between the services, over real sockets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.process import ROOT, chat_api, database_process, db_api, gone

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = {"patient_mrn": "P000102", "query": "I slipped and hit my head"}


def test_a_lost_database_is_told_and_survived(tmp_path: Path) -> None:
    """With the database killed, both stay alive, neither is ready, and questions are refused with when to come back."""
    with db_api(tmp_path) as lower, chat_api(tmp_path, lower.address) as upper:
        os.kill(database_process(lower), signal.SIGKILL)
        with httpx.Client(trust_env=False, timeout=10) as client:
            asked = client.post(f"{upper.address}/triage", json=QUESTION)
            ready = [client.get(f"{each.address}/health?check=ready") for each in (lower, upper)]
            alive = [client.get(f"{each.address}/health") for each in (lower, upper)]

    assert (asked.status_code, asked.json()["code"]) == (503, "db_api_unavailable")
    assert asked.headers["retry-after"]
    assert [each.status_code for each in ready] == [503, 503]
    assert [each.status_code for each in alive] == [200, 200]


def test_db_api_starts_while_the_database_is_away(tmp_path: Path) -> None:
    """A service that waits for its database to start would be restarted for nothing."""
    with db_api(tmp_path, MONGODB_URI="mongodb://127.0.0.1:1") as running, httpx.Client(trust_env=False) as client:
        assert client.get(f"{running.address}/health").status_code == 200
        assert client.get(f"{running.address}/health/db").status_code == 503


def test_chat_starts_while_db_api_is_away(tmp_path: Path) -> None:
    """chat-api is alive, not ready, and says so within a second or so."""
    with chat_api(tmp_path, "http://127.0.0.1:1") as running, httpx.Client(trust_env=False) as client:
        ready = client.get(f"{running.address}/health?check=ready")
        asked = client.post(f"{running.address}/triage", json=QUESTION)

    assert (ready.status_code, asked.status_code) == (503, 503)
    assert ready.json()["checks"] == {"db-api": "unavailable"}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running(tmp_path: Path, how: signal.Signals) -> None:
    """However db-api is stopped, its database ends with it; asked politely, its data folder goes as well."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    with db_api(tmp_path, TMPDIR=str(folder)) as running:
        database = database_process(running)
        assert list(folder.iterdir())
        running.stop(how)

        assert gone(database)
    assert how == signal.SIGKILL or not list(folder.iterdir())


def test_a_wrong_setting_ends_the_start_in_a_sentence() -> None:
    """Whoever starts a service with a typing error reads the variable and the choice, and no traceback."""
    command = [sys.executable, "-m", "uvicorn", "service_chat.main:app", "--port", "0"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "LLM_MODE": "gpt"}, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert done.stderr.strip() == "LLM_MODE 'gpt' is unknown; choose one of: anthropic, mock, openai."
