"""The load, in a process of its own: `python -m tests.load.client` reads what to ask and writes what was answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.load.process import ROOT, Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIMIT = 600.0
# Short turns: what else the machine does then falls on all servers alike.
TURN = 50
OK = "200"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def load(ports: Sequence[int], paths: Sequence[str], requests: int, connections: int) -> None:
    """
    Ask PATHS of the servers at PORTS, in short turns, REQUESTS of each over so many kept CONNECTIONS.

    Raises Unmeasurable unless each of them is answered with 200.
    """
    told = {"ports": list(ports), "paths": list(paths), "requests": requests, "connections": connections}
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.client"],
        cwd=ROOT,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    statuses = json.loads(done.stdout) if done.returncode == 0 else {}
    if statuses != {OK: requests * len(ports)}:
        last = done.stderr.strip().rpartition("\n")[2]
        message = f"{paths[0]} and the like were not all answered with 200: {statuses or last}"
        raise Unmeasurable(message)


async def _ask(connection: Connection, paths: Iterator[str], statuses: Counter[str]) -> None:
    """Ask for one of PATHS after the other over CONNECTION; several that share them end together."""
    reader, writer = connection
    for path in paths:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        statuses[head.split(b" ", 2)[1].decode()] += 1


async def _load(ports: Sequence[int], paths: Sequence[str], requests: int, connections: int) -> Counter[str]:
    statuses: Counter[str] = Counter()
    opened = {port: [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)] for port in ports}
    for first in range(0, requests, TURN):
        some = [paths[number % len(paths)] for number in range(first, min(first + TURN, requests))]
        for kept in opened.values():
            asked = iter(some)
            await asyncio.gather(*(_ask(each, asked, statuses) for each in kept))
    for _, writer in itertools.chain(*opened.values()):
        writer.close()
        await writer.wait_closed()
    return statuses


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_load(**json.load(sys.stdin)))))
