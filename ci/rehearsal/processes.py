"""The pods' stand-in on this machine: one process a service, an embedded database, all on free ports."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from typing import TYPE_CHECKING

import anyio
import httpx

from ci import leash
from ci.engines.base import Endpoints
from ci.errors import SmokeFailed
from ci.services import CHAT_API, DB_API
from ci.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from ci.services import Service

START = 60.0
STOP = 15.0
TAIL = 20
# The port of the discard protocol: nothing listens there.
NOWHERE = "http://127.0.0.1:9"


@contextlib.asynccontextmanager
async def serve(folder: Path, *, cut_off: bool = False) -> AsyncIterator[Endpoints]:
    """Run both services until the block ends; logs and data lie in FOLDER. CUT_OFF: chat-api does not reach db-api."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with contextlib.AsyncExitStack() as stack:
        data = {"MONGODB_URI": "embedded", "EMBEDDED_DATA_DIR": str(folder / "mongo")}
        db_api = await stack.enter_async_context(_running(DB_API, data, folder))
        modes = {"DB_API_BASE_URL": NOWHERE if cut_off else db_api, "LLM_MODE": "mock", "VECTOR_MODE": "mock"}
        chat_api = await stack.enter_async_context(_running(CHAT_API, modes, folder))
        yield Endpoints(chat_api=chat_api, db_api=db_api)


@contextlib.asynccontextmanager
async def _running(service: Service, settings: Mapping[str, str], folder: Path) -> AsyncIterator[str]:
    port = free_port()
    log = folder / f"{service.name}.log"
    command = ["-m", "uvicorn", f"{service.package}.main:app", "--host", "127.0.0.1", "--port", str(port)]
    async with _process([*command, "--no-access-log", "--no-server-header"], settings, log) as process:
        address = f"http://127.0.0.1:{port}"
        await _answering(service, process, address, log)
        yield address


@contextlib.asynccontextmanager
async def nx_27017(folder: Path) -> AsyncIterator[int]:
    """Run the embedded database on its own, in memory, until the block ends; yield its port."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = free_port()
    start = ["-c", "import nx_27017; nx_27017.main()", "--port", str(port), "--db", "memory"]
    files = ["--log-file", str(folder / "nx_27017.log"), "--pid-file", str(folder / "nx_27017.pid")]
    async with _process([*start, *files], {}, folder / "mongo.log") as process:
        deadline = anyio.current_time() + START
        while anyio.current_time() < deadline and process.poll() is None:
            with contextlib.suppress(OSError):
                await (await anyio.connect_tcp("127.0.0.1", port)).aclose()
                break
            await anyio.sleep(0.1)
        yield port


@contextlib.asynccontextmanager
async def _process(
    arguments: list[str], settings: Mapping[str, str], log: Path
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """
    Run Python with ARGUMENTS until the block ends, or until this process does.

    A session of its own keeps the terminal's Ctrl-C away from it.
    """
    with log.open("w") as output, leash.held() as stdin:
        process = subprocess.Popen(
            leash.python(*arguments),
            cwd=ROOT,
            env={**_environment(), **settings},
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_stop, process)


async def _answering(service: Service, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = anyio.current_time() + START
    async with httpx.AsyncClient(trust_env=False) as client:
        while anyio.current_time() < deadline and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{address}/health")).status_code == httpx.codes.OK:
                    return
            await anyio.sleep(0.1)
    title = f"{service.name} did not start."
    detail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
    hint = f"Its whole log: {log}"
    if service is DB_API:
        hint += "; if its database is damaged, `python ci/main.py rehearse --fresh` starts with a new one."
    raise SmokeFailed(title, code="service_not_started", detail=detail, hint=hint)


def free_port() -> int:
    """Return a port of the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    """Return this process's environment without settings of the services that were meant for something else."""
    unwanted = ("MONGO", "DB_API_", "LLM_", "VECTOR_", "PINECONE_", "EMBEDDED_")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
