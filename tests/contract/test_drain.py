"""SIGTERM, as a cluster sends it, to a real server."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.keepalive import LIMIT, Client
from tests.contract.process import Running, db_api, service

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS = 8
ANSWERS = 500
LONG = "600"
PATHS = ("/patients/P000102", "/patients/P000103/summary", "/patients?limit=5")
NOBODY = {
    "service_db_api": {"MONGODB_URI": "mongodb://127.0.0.1:1"},
    "service_chat": {"DB_API_BASE_URL": "http://127.0.0.1:1"},
}


def until_unready(running: Running) -> httpx.Response:
    """Return the first answer by which RUNNING says that it drains, asked anew over and over, each time connecting."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        answer = httpx.get(f"{running.address}/health?check=ready", trust_env=False)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and answer.json()["code"] == "draining":
            return answer
    message = "The service never said that it drains."
    raise AssertionError(message)


def test_a_drain_fails_no_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under load, clients that stop connecting some time after readiness says so get every question answered."""
    leave, answered = threading.Event(), threading.Semaphore(0)

    def more_answers() -> bool:
        return all(answered.acquire(timeout=LIMIT) for _ in range(ANSWERS))

    with db_api(tmp_path, DRAIN_SECONDS=LONG) as running:
        clients = [Client(running.address, PATHS, leave, answered) for _ in range(CLIENTS)]
        for each in clients:
            each.start()
        assert more_answers()
        before = sum(each.statuses.total() for each in clients)
        running.process.send_signal(signal.SIGTERM)
        unready = until_unready(running)
        # Nobody in a cluster hears of it at once.
        assert more_answers()
        leave.set()
        for each in clients:
            each.join(LIMIT)
        assert running.process.poll() is None
        # It would go on for longer than a test may take.
        status = running.stop()

    statuses = sum((each.statuses for each in clients), Counter())
    failures = [failure for each in clients for failure in each.failures]
    opened = sum(each.opened for each in clients)
    with capsys.disabled():
        told = f"{statuses.total()} answered, {statuses.total() - before} of them after SIGTERM, {len(failures)} failed"
        sys.stdout.write(f"\ndrain: {told}, over {opened} connections of {CLIENTS} clients\n")
    lines = [each for each in running.lines() if each["event"] == "request"]
    assert (failures, set(statuses)) == ([], {200})
    assert statuses.total() > before
    assert sum(each["route"].startswith("/patients") for each in lines) == statuses.total()
    assert (unready.headers["connection"], unready.headers["retry-after"]) == ("close", "1")
    assert status == -signal.SIGTERM


@pytest.mark.parametrize("package", NOBODY)
def test_a_second_signal_stops_at_once(tmp_path: Path, package: str) -> None:
    """Whoever cannot wait for ten minutes of drain signals again; alive until then, and gone in order."""
    with service(package, tmp_path, {**NOBODY[package], "DRAIN_SECONDS": LONG}) as running:
        running.process.send_signal(signal.SIGTERM)
        until_unready(running)
        alive = httpx.get(f"{running.address}/health", trust_env=False)
        status = running.stop()

    assert (alive.status_code, alive.headers["connection"]) == (200, "close")
    assert status == -signal.SIGTERM
    assert [each["seconds"] for each in running.lines() if each["event"] == "draining"] == [600.0]
    assert any(each.get("message") == "Application shutdown complete." for each in running.lines())


def test_a_drain_ends_by_itself(tmp_path: Path) -> None:
    """When the time is over the server stops as it does without one."""
    with service("service_chat", tmp_path, {**NOBODY["service_chat"], "DRAIN_SECONDS": "0.5"}) as running:
        status = running.stop()

    assert status == -signal.SIGTERM
    events = [each.get("message", each["event"]) for each in running.lines()]
    assert events.index("draining") < events.index("Shutting down") < events.index("Application shutdown complete.")


def test_an_interrupt_is_not_put_off(tmp_path: Path) -> None:
    """Ctrl-C at a terminal stops a service whatever it would drain for."""
    with service("service_chat", tmp_path, {**NOBODY["service_chat"], "DRAIN_SECONDS": LONG}) as running:
        running.stop(signal.SIGINT)

    assert any(each.get("message") == "Application shutdown complete." for each in running.lines())
