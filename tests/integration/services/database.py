"""A database server for tests, on a port that it keeps when it is killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.integration.services.process import ROOT, STOP
from tests.support.ports import LOOPBACK, reserved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Database:
    """NX-27017 over the data in `folder`, in a process of its own that ends with this one, on a reserved port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers."""
        command = [sys.executable, "-m", "tests.integration.services.database", str(self.folder), str(self.port)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"listening\n"

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal and return once it is gone."""
        if self.process is not None:
            with self.process as process:
                process.send_signal(how)
                process.wait(STOP)
            self.process = None


@contextlib.contextmanager
def database(folder: Path) -> Iterator[Database]:
    """Yield a running one; it is gone when the block ends."""
    data = folder / "database"
    data.mkdir()
    with reserved() as port:
        found = Database(data, port)
        found.start()
        try:
            yield found
        finally:
            found.kill()


async def _serve(folder: str, port: int) -> None:
    from nx_27017.handler import NeoSQLiteHandler  # noqa: PLC0415 - for the child alone
    from nx_27017.server import handle_client  # noqa: PLC0415

    handler = NeoSQLiteHandler(data_dir=folder)
    server = await asyncio.start_server(partial(handle_client, handler=handler), LOOPBACK, port)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
