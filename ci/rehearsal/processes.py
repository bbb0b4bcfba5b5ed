"""
The pods' stand-in on this machine: one process a service, an embedded database, each on a port that the system chose.

The socket is bound and listens here before its process starts, which inherits it: nobody can take the port in between,
and a request that comes early waits for the process in place of being refused.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from typing import TYPE_CHECKING

import anyio
import httpx

from ci.engines.base import Endpoints
from ci.errors import SmokeFailed
from ci.process import parent_watch as leash
from ci.services import CHAT_API, DB_API
from ci.settings import ROOT
from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from ci.services import Service

START = 60.0
STOP = 15.0
TAIL = 20
# Connections that wait to be accepted; uvicorn's own.
BACKLOG = 2048
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
    log = folder / f"{service.name}.log"
    command = ["-m", "uvicorn", f"{service.package}.main:app", "--no-access-log", "--no-server-header"]
    async with _process(command, settings, log) as (process, port):
        address = f"http://127.0.0.1:{port}"
        await _answering(service, process, address, log)
        yield address


# NX-27017's own program binds the port that it is given, and reports none for port 0.
NX_27017 = """
import argparse, asyncio, functools, socket
from nx_27017.handler import NeoSQLiteHandler
from nx_27017.server import handle_client

async def main(fd):
    handler = NeoSQLiteHandler(":memory:")
    serve = functools.partial(handle_client, handler=handler)
    await (await asyncio.start_server(serve, sock=socket.socket(fileno=fd))).serve_forever()

parser = argparse.ArgumentParser()
parser.add_argument("--fd", type=int)
asyncio.run(main(parser.parse_args().fd))
"""


@contextlib.asynccontextmanager
async def nx_27017(folder: Path) -> AsyncIterator[int]:
    """Run the embedded database in its own process, in memory, until the block ends; yield its port."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with _process(["-c", NX_27017], {}, folder / "mongo.log") as (_, port):
        yield port


@contextlib.contextmanager
def listening() -> Iterator[socket.socket]:
    """
    Yield a socket that listens on a port of the loopback that was free.

    Hand its `fileno()` to a process by `pass_fds`, and close it here (the end of the block) once the process is
    started: what is left open here would keep the port of a process that ended.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as server:
        yield server


@contextlib.asynccontextmanager
async def _process(
    arguments: list[str], settings: Mapping[str, str], log: Path
) -> AsyncIterator[tuple[subprocess.Popen[bytes], int]]:
    """
    Run Python with `arguments` until the block ends, or until this process does; yield it and the port it listens on.

    The option `--fd` is added: the number of the socket. A session of its own keeps the terminal's Ctrl-C away from it.
    """
    with log.open("w") as output, leash.held() as stdin:
        with listening() as server:
            port: int = server.getsockname()[1]
            process = subprocess.Popen(
                leash.python(*arguments, "--fd", str(server.fileno())),
                cwd=ROOT,
                env={**_environment(), **settings},
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[server.fileno()],
            )
        try:
            yield process, port
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_stop, process)


async def _answering(service: Service, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = anyio.current_time() + START
    async with httpx.AsyncClient(verify=tls_context(), trust_env=False) as client:
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
