"""The services as processes on ports that they report, started and stopped as an operator would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.support.ports import LOOPBACK, reserved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[3]
START = 60.0
STOP = 30.0
POLL = 0.02
# An answer comes in time or the test hangs: no test measures by it.
PATIENCE = 60.0
# Of the environment, what any process needs.
INHERITED = ("PATH", "HOME", "PYTHONPATH", "TMPDIR")
LISTENING = re.compile(r"Uvicorn running on http://[^:\s]+:(\d+)")
# A client without certificates: loading the usual ones costs more CPU than a request.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class Running:
    """One service: where it answers, its process, and the file its output goes to."""

    address: str
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def metrics(self) -> str:
        """Where its metrics are; it must have METRICS_PORT."""
        return f"http://{LOOPBACK}:{self.line('metrics_started')['port']}/metrics"

    def lines(self) -> list[dict[str, Any]]:
        """Return the log so far; each line must be one JSON object."""
        # What has no end yet is still being written.
        return [json.loads(line) for line in self.output.read_text().rpartition("\n")[0].splitlines()]

    def line(self, event: str) -> dict[str, Any]:
        """Return the only line of `event`."""
        (found,) = (line for line in self.lines() if line["event"] == event)
        return found

    def trace(self, trace_id: str) -> list[dict[str, Any]]:
        """Return the lines of a trace once there are any: a line is written after its answer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = [line for line in self.lines() if line.get("trace_id") == trace_id]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(POLL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(how)
        return self.process.wait(STOP)


def client(base_url: str = "", headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Return a client that waits as long as a test may and looks at no proxy; its user closes it."""
    return httpx.Client(base_url=base_url, headers=headers, timeout=PATIENCE, trust_env=False, verify=NO_CERTIFICATES)


def get(url: str, **headers: str) -> httpx.Response:
    """Return the answer to one question over a connection of its own."""
    with client() as connection:
        return connection.get(url, headers=headers)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return `settings` with what any process needs of this one's environment."""
    return {**{name: os.environ[name] for name in INHERITED if name in os.environ}, **settings}


@contextlib.contextmanager
def started(command: Sequence[str], output: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """Run a server until the block ends; yield once it has reported its port, from when on it answers."""
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(f"http://{LOOPBACK}:{reported_port(process, output)}", process, output)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP)


@contextlib.contextmanager
def service(package: str, folder: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """Run the application of `package` until the block ends."""
    command = [sys.executable, "-m", "uvicorn", f"{package}.main:app", "--port", "0"]
    with started(command, folder / f"{package}.log", settings) as running:
        yield running


@contextlib.contextmanager
def db_api(folder: Path, **settings: str) -> Iterator[Running]:
    """Run db-api over its embedded database, or as `settings` say."""
    with service("service_db_api", folder, {"MONGODB_URI": "embedded", **settings}) as running:
        yield running


@contextlib.contextmanager
def chat_api(folder: Path, db_api_address: str, **settings: str) -> Iterator[Running]:
    """Run chat-api over the db-api at `db_api_address`, with a model that costs nothing, or as `settings` say."""
    base = {"DB_API_BASE_URL": db_api_address, "LLM_MODE": "mock"}
    with service("service_chat", folder, {**base, **settings}) as running:
        yield running


@contextlib.contextmanager
def nobody() -> Iterator[str]:
    """Yield host and port of an address that refuses connections until the block ends."""
    with reserved() as port:
        yield f"{LOOPBACK}:{port}"


def database_process(running: Running) -> int:
    """Return the id of the process of the embedded database."""
    return int(running.line("embedded_database_started")["pid"])


def gone(process: int) -> bool:
    """Return whether the process with this id has ended, or ends soon."""

    def ended() -> bool:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return False

    return becomes_true(ended, STOP)


def becomes_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether `condition` comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def reported_port(process: subprocess.Popen[bytes], output: Path) -> int:
    """Return the port that the process reports in its output; raise AssertionError when it ends before."""
    becomes_true(lambda: process.poll() is not None or LISTENING.search(output.read_text()) is not None, START)
    found = LISTENING.search(output.read_text())
    if found is None:
        process.kill()
        message = f"The service did not start:\n{output.read_text()}"
        raise AssertionError(message)
    return int(found[1])
