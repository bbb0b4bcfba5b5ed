"""
A database of the service's own: NX-27017, MongoDB's wire protocol over SQLite, in a child process.

The only module that imports nx_27017, and only in the child. The child lives
as long as its standard input is open, so it ends with the service however the
service ends; a session of its own keeps the terminal's Ctrl-C from it, so that
the last requests still find their database.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import structlog

from service_kit.environment import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import Process

START = 30.0
STOP = 5.0
ROOT = Path(__file__).resolve().parents[2]


def require() -> None:
    """Raise Misconfigured when NX-27017 is not installed; the images leave it out."""
    if importlib.util.find_spec("nx_27017") is None:
        message = (
            "MONGODB_URI=embedded needs NX-27017, which is not installed here. "
            "Run `pip install nx-27017`, or set MONGODB_URI to mongodb://… of a running server."
        )
        raise Misconfigured(message)


@contextlib.asynccontextmanager
async def running(folder: Path | None) -> AsyncIterator[str]:
    """
    Run the database until the block ends and yield its URI; the data lies in FOLDER, or in a temporary one.

    Raises Misconfigured when FOLDER cannot be used.
    """
    with contextlib.ExitStack() as stack:
        place = folder.absolute() if folder else Path(stack.enter_context(_temporary()))
        process = await anyio.open_process(
            [sys.executable, "-m", __spec__.name, str(place)],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            port = await _port(process, place)
            structlog.get_logger().info("embedded_database_started", pid=process.pid, port=port)
            yield f"mongodb://127.0.0.1:{port}"
        finally:
            await _stop(process)


def _temporary() -> tempfile.TemporaryDirectory[str]:
    # The child may still be closing a file that it was killed over.
    return tempfile.TemporaryDirectory(prefix="carepath-mongo-", ignore_cleanup_errors=True)


async def _port(process: Process, place: Path) -> int:
    """Return the port PROCESS tells of in its first line."""
    line = b""
    if process.stdout is None:
        raise TypeError(process)
    with anyio.move_on_after(START), contextlib.suppress(anyio.EndOfStream):
        while not line.endswith(b"\n"):
            line += await process.stdout.receive()
    if not line.strip().isdigit():
        reason = line.decode(errors="replace").strip() or "it did not answer"
        hint = "Set EMBEDDED_DATA_DIR to a folder it can write to."
        message = f"The embedded database could not start in {place} ({reason}). {hint}"
        raise Misconfigured(message)
    return int(line)


async def _stop(process: Process) -> None:
    """Close PROCESS's standard input and wait; kill it when it takes longer than STOP seconds."""
    with anyio.CancelScope(shield=True):
        with anyio.move_on_after(STOP):
            await process.aclose()
        # Cancelled, the closing above kills; this is for a process that had ended before.
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _serve(folder: str) -> None:
    """Answer on a free port of the loopback, tell it, and return when standard input ends."""
    from nx_27017.handler import NeoSQLiteHandler  # noqa: PLC0415 - not in the images
    from nx_27017.server import handle_client  # noqa: PLC0415

    handler = NeoSQLiteHandler(data_dir=folder)
    server = await asyncio.start_server(partial(handle_client, handler=handler), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    server.close()
    handler.close_all()


def main() -> None:
    """Be the child process: serve the folder that the command line names."""
    try:
        asyncio.run(_serve(sys.argv[1]))
    except Exception as error:  # noqa: BLE001 - told to the parent in one line
        reason = str(error).partition("\n")[0]
        sys.stdout.write(f"{type(error).__name__}: {reason}\n")


if __name__ == "__main__":
    main()
