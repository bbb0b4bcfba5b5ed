"""A TCP proxy before a database, that can be slow, silent or rude."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RESET = struct.pack("ii", 1, 0)
CHUNK = 65536


@dataclass(frozen=True)
class Cut:
    """End the answer to the next question that holds ABOUT after BYTES of it: by a reset, or by a half-close."""

    about: bytes
    bytes: int
    reset: bool


class Proxy:
    """What is sent to `port` goes to the server on BEHIND; replies take `delay` seconds more."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.port = 0
        self.delay = 0.0
        self.cut: Cut | None = None
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._passing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def stall(self) -> None:
        """Pass nothing on any more, in either direction; connections are still taken."""
        self._loop.call_soon_threadsafe(self._passing.clear)

    def go_on(self) -> None:
        """Pass on what has waited, and everything from now on."""
        self._loop.call_soon_threadsafe(self._passing.set)

    def drop(self) -> None:
        """Reset every connection there is; new ones are taken."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result()

    async def _drop(self) -> None:
        for each in list(self._writers):
            _reset(each)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError):
            there = await asyncio.open_connection("127.0.0.1", self.behind)
            self._writers |= {writer, there[1]}
            armed: list[Cut] = []
            try:
                await asyncio.gather(self._ask(reader, there[1], armed), self._reply(there[0], writer, armed))
            finally:
                self._writers -= {writer, there[1]}
                there[1].close()
        writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, armed: list[Cut]) -> None:
        while chunk := await reader.read(CHUNK):
            await self._passing.wait()
            if self.cut is not None and self.cut.about in chunk:
                armed.append(self.cut)
                self.cut = None
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _reply(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, armed: list[Cut]) -> None:
        while chunk := await reader.read(CHUNK):
            await asyncio.sleep(self.delay)
            await self._passing.wait()
            if armed:
                cut = armed.pop()
                writer.write(chunk[: cut.bytes])
                await writer.drain()
                if cut.reset:
                    _reset(writer)
                else:
                    writer.write_eof()
                return
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        server.close()
        for each in list(self._tasks):
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.contextmanager
    def running(self) -> Iterator[Proxy]:
        """Take connections until the block ends."""
        ready, over = threading.Event(), asyncio.Event()
        thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(ready, over),))
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(over.set)
            thread.join()
            self._loop.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
