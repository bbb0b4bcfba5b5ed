"""The processes of a measurement: a database, servers over it, and what a server's process has spent."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.integration.services.process import reported_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "TMPDIR")
TICKS = os.sysconf("SC_CLK_TCK")
START = 60.0
STOP = 30.0
POLL = 0.05


class Unmeasurable(Exception):  # noqa: N818 - it says what was found
    """Why there is no measurement."""


@dataclass(frozen=True)
class Server:
    """An application's process and the port it answers on."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Return the seconds of CPU that all threads of the process have taken so far, the kernel's part included."""
        # The program's name is in parentheses and may hold blanks; counting starts behind it.
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=START)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return SETTINGS beside the little that any process needs of ours."""
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, **settings}


@contextlib.contextmanager
def database(folder: Path) -> Iterator[str]:
    """Run NX-27017 over the data in FOLDER until the block ends; yield its address."""
    command = [sys.executable, "-m", "service_db_api.store.embedded", str(folder)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        # Leaving the block closes its standard input, which ends it.
        line = process.stdout.readline().strip() if process.stdout else b""
        if not line.isdigit():
            message = f"The database did not start: {line.decode(errors='replace')}"
            raise Unmeasurable(message)
        yield f"mongodb://127.0.0.1:{int(line)}"


@contextlib.contextmanager
def served(app: str, tree: Path, log: Path, settings: Mapping[str, str], *flags: str) -> Iterator[Server]:
    """
    Run uvicorn with `app` from `tree`, its output in `log`, until the block ends; yield once it answers a patient.

    Every application is run with the same flags but for `flags`, on the fastest loop and parser that are installed.
    """
    command = [sys.executable, "-m", "uvicorn", app, *flags, "--port", "0", "--no-access-log"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--no-server-header"],
            cwd=tree,
            env=environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        server = Server(_port(process, log), process.pid)
        _wait(server, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    try:
        return reported_port(process, log)
    except AssertionError:
        raise Unmeasurable(_last_words(log)) from None


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if server.get("/patients/P000101").status_code == httpx.codes.OK:
                return
        time.sleep(POLL)
    raise Unmeasurable(_last_words(log))


def _last_words(log: Path) -> str:
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    return f"A server did not answer within {START:.0f} s; its last line: {last}"
