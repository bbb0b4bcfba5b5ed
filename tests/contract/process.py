"""The services as processes on free ports, started and stopped as an operator would."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
START = 60.0
STOP = 30.0
POLL = 0.05


@dataclass(frozen=True)
class Running:
    """One service: where it answers, its process, and the file its output goes to."""

    address: str
    process: subprocess.Popen[bytes]
    output: Path

    def lines(self) -> list[dict[str, Any]]:
        """Return the log so far; each line must be one JSON object."""
        # What has no end yet is still being written.
        return [json.loads(line) for line in self.output.read_text().rpartition("\n")[0].splitlines()]

    def told(self, trace_id: str) -> list[dict[str, Any]]:
        """Return the lines of the trace TRACE_ID once there are any: a line is written after its answer."""
        deadline = time.monotonic() + STOP
        while True:
            found = [line for line in self.lines() if line.get("trace_id") == trace_id]
            if found or time.monotonic() > deadline:
                return found
            time.sleep(POLL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send HOW and return the exit status."""
        self.process.send_signal(how)
        return self.process.wait(STOP)


@contextlib.contextmanager
def service(package: str, folder: Path, settings: Mapping[str, str]) -> Iterator[Running]:
    """Run PACKAGE's application with SETTINGS until the block ends; yield once it answers."""
    port = free_port()
    output = folder / f"{package}.log"
    command = [sys.executable, "-m", "uvicorn", f"{package}.main:app", "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH", "TMPDIR")}
    with output.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**kept, **settings}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    running = Running(f"http://127.0.0.1:{port}", process, output)
    try:
        _wait(running)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


@contextlib.contextmanager
def db_api(folder: Path, **settings: str) -> Iterator[Running]:
    """Run db-api over its embedded database, or as SETTINGS say."""
    with service("service_db_api", folder, {"MONGODB_URI": "embedded", **settings}) as running:
        yield running


@contextlib.contextmanager
def chat_api(folder: Path, db_api_address: str) -> Iterator[Running]:
    """Run chat-api over the db-api at DB_API_ADDRESS."""
    with service("service_chat", folder, {"DB_API_BASE_URL": db_api_address, "LLM_MODE": "mock"}) as running:
        yield running


def database_process(running: Running) -> int:
    """Return the id of the process of RUNNING's embedded database."""
    (line,) = (each for each in running.lines() if each["event"] == "embedded_database_started")
    return int(line["pid"])


def gone(process: int, timeout: float = 10.0) -> bool:
    """Return whether PROCESS has ended, or ends within TIMEOUT seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(POLL)
    return False


def _wait(running: Running) -> None:
    deadline = time.monotonic() + START
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline and running.process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(f"{running.address}/health").status_code == httpx.codes.OK:
                    return
            time.sleep(POLL)
    message = f"The service did not start:\n{running.output.read_text()}"
    raise AssertionError(message)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
