"""SIGTERM, as a cluster sends it, to a real server."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.services.keepalive import LIMIT, Client
from tests.integration.services.process import POLL, Running, client, database_process, db_api, get, gone, service

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = 8
# Before the signal and after it: each client has several, over the connection that it keeps and over new ones.
ANSWERS = 80
LONG = "600"
PATHS = ("/patients/P000102", "/patients/P000103/summary", "/patients?limit=5")
# Neither is asked for anything that is below it.
ALONE = {
    "service_db_api": {"MONGODB_URI": "mongodb://127.0.0.1:1"},
    "service_chat": {"DB_API_BASE_URL": "http://127.0.0.1:1"},
}


def until_unready(running: Running) -> httpx.Response:
    """Return the first answer by which the service says that it drains."""
    deadline = time.monotonic() + LIMIT
    with client(running.address) as connection:
        while time.monotonic() < deadline:
            answer = connection.get("/health?check=ready")
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and answer.json()["code"] == "draining":
                return answer
            time.sleep(POLL)
    message = "The service never said that it drains."
    raise AssertionError(message)


def drain(running: Running, clients: list[Client], answered: threading.Semaphore, leave: threading.Event) -> int:
    """
    Send SIGTERM in the midst of questions and stop when all are answered; return the exit status.

    The clients stop connecting some time after the service has said that it drains, as nobody in a cluster hears of it
    at once.
    """
    for each in clients:
        each.start()
    assert all(answered.acquire(timeout=LIMIT) for _ in range(ANSWERS))
    running.process.send_signal(signal.SIGTERM)
    unready = until_unready(running)
    assert (unready.headers["connection"], unready.headers["retry-after"]) == ("close", "1")
    assert all(answered.acquire(timeout=LIMIT) for _ in range(ANSWERS))
    leave.set()
    for each in clients:
        each.join(LIMIT)
    assert running.process.poll() is None
    # It would go on for longer than a test may take.
    return running.stop()


def test_drain_under_load_fails_no_request(tmp_path: Path) -> None:
    """Neither the database nor its data is left when the process is gone."""
    leave, answered = threading.Event(), threading.Semaphore(0)
    folder = tmp_path / "tmp"
    folder.mkdir()

    with db_api(tmp_path, DRAIN_SECONDS=LONG, TMPDIR=str(folder)) as running:
        database = database_process(running)
        assert list(folder.iterdir())
        clients = [Client(running.address, PATHS, leave, answered) for _ in range(CLIENTS)]
        status = drain(running, clients, answered, leave)
        assert gone(database)
        assert not list(folder.iterdir())

    statuses = sum((each.statuses for each in clients), Counter())
    lines = [line for line in running.lines() if line["event"] == "request"]
    assert ([failure for each in clients for failure in each.failures], set(statuses)) == ([], {200})
    assert statuses.total() >= 2 * ANSWERS
    assert sum(line["route"].startswith("/patients") for line in lines) == statuses.total()
    assert status == -signal.SIGTERM


@pytest.mark.slow
@pytest.mark.parametrize("package", ALONE)
def test_drain_is_ended_by_a_second_signal(tmp_path: Path, package: str) -> None:
    """Who cannot wait for ten minutes of drain signals again; it is alive until then, and gone in order."""
    with service(package, tmp_path, {**ALONE[package], "DRAIN_SECONDS": LONG}) as running:
        running.process.send_signal(signal.SIGTERM)
        until_unready(running)
        alive = get(f"{running.address}/health")
        status = running.stop()

    assert (alive.status_code, alive.headers["connection"]) == (200, "close")
    assert status == -signal.SIGTERM
    assert running.line("draining")["seconds"] == 600.0
    assert any(line.get("message") == "Application shutdown complete." for line in running.lines())


def test_drain_ends_by_itself(tmp_path: Path) -> None:
    """When the time is over the server stops as it does without one."""
    with service("service_chat", tmp_path, {**ALONE["service_chat"], "DRAIN_SECONDS": "0.2"}) as running:
        status = running.stop()

    assert status == -signal.SIGTERM
    events = [line.get("message", line["event"]) for line in running.lines()]
    assert events.index("draining") < events.index("Shutting down") < events.index("Application shutdown complete.")


@pytest.mark.slow
def test_interrupt_is_not_put_off_by_a_drain(tmp_path: Path) -> None:
    """Ctrl-C at a terminal stops a service whatever it would drain for."""
    with service("service_chat", tmp_path, {**ALONE["service_chat"], "DRAIN_SECONDS": LONG}) as running:
        running.stop(signal.SIGINT)

    assert any(line.get("message") == "Application shutdown complete." for line in running.lines())
