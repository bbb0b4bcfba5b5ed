"""Terraform as a process of this machine."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import anyio
from anyio.streams.text import TextReceiveStream

from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anyio.abc import ByteReceiveStream, Process


class HostTerraform:
    """Terraform as a process of this machine."""

    def __init__(self, program: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._program = program
        self._folder = folder
        self._environment = environment
        self._process: Process | None = None
        self._runs = False
        self._command = ""
        self._stops = 0

    async def run(self, arguments: list[str]) -> terraform.Completed:
        """Run terraform with ARGUMENTS; a session of its own keeps the terminal's Ctrl-C away from it."""
        texts: dict[str, str] = {}

        async def read(name: str, stream: ByteReceiveStream | None) -> None:
            if stream is not None:
                texts[name] = "".join([text async for text in TextReceiveStream(stream, errors="replace")])

        self._runs = True
        self._command = next(iter(arguments), "")
        try:
            with anyio.CancelScope(shield=True):
                process = await anyio.open_process(
                    [*self._program, *arguments],
                    cwd=self._folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
                self._process = process
                if self._stops:
                    process.send_signal(signal.SIGINT)
                async with process, anyio.create_task_group() as readers:
                    readers.start_soon(read, "stdout", process.stdout)
                    readers.start_soon(read, "stderr", process.stderr)
                code = await process.wait()
        finally:
            self._process = None
            self._runs = False
        return terraform.Completed(code, texts["stdout"], texts["stderr"])

    async def stop(self) -> bool:
        self._stops += 1
        if self._process is not None:
            self._process.send_signal(signal.SIGINT if terraform.obeys(self._command, self._stops) else signal.SIGKILL)
        return self._runs

    async def write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)

    async def read(self, name: str) -> bytes | None:
        path = self._folder / name
        return path.read_bytes() if path.is_file() else None
