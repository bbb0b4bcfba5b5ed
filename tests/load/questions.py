"""Questions as a load, in a process of its own: `python -m tests.load.questions` reads what to ask."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.integration.services import private
from tests.load.process import ROOT, Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 600.0
BODIES = [json.dumps({"patient_mrn": mrn, "query": query}).encode() for mrn, query in private.QUESTIONS]
HEAD = b"POST /triage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Asked:
    """How long it took in all, and each answer, shortest first; in seconds."""

    seconds: float
    latencies: list[float]

    @property
    def median(self) -> float:
        return self.latencies[len(self.latencies) // 2]

    @property
    def p99(self) -> float:
        return self.latencies[len(self.latencies) * 99 // 100]


def ask(port: int, requests: int, connections: int, rate: float = 0) -> Asked:
    """
    Ask the known questions of the server on PORT over so many kept CONNECTIONS.

    With a RATE, so many begin each second whatever has been answered, and what
    a question waits for a connection counts; without, each connection asks as
    soon as it can. Raises Unmeasurable unless all are answered with 200.
    """
    told = {"port": port, "requests": requests, "connections": connections, "rate": rate}
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.questions"],
        cwd=ROOT,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    if found.get("statuses") != {"200": requests}:
        last = done.stderr.strip()[-1500:]
        message = f"Not all questions were answered with 200: {found.get('statuses', last)}"
        raise Unmeasurable(message)
    return Asked(found["seconds"], sorted(found["latencies"]))


async def _one(connection: Connection, body: bytes) -> str:
    reader, writer = connection
    writer.write(HEAD % len(body) + body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]))
    return head.split(b" ", 2)[1].decode()


async def _load(port: int, requests: int, connections: int, rate: float) -> dict[str, object]:
    # Taken in turns: servers close what nothing was asked on for five seconds.
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    statuses: Counter[str] = Counter()
    latencies: list[float] = []

    async def answer(number: int, begun: float) -> None:
        connection = await idle.get()
        statuses[await _one(connection, BODIES[number % len(BODIES)])] += 1
        latencies.append(time.perf_counter() - begun)
        idle.put_nowait(connection)

    async def go_on(numbers: Iterator[int]) -> None:
        for number in numbers:
            await answer(number, time.perf_counter())

    started = time.perf_counter()
    if rate:
        async with asyncio.TaskGroup() as group:
            for number in range(requests):
                due = started + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(answer(number, due))
    else:
        numbers = iter(range(requests))
        await asyncio.gather(*(go_on(numbers) for _ in range(connections)))
    seconds = time.perf_counter() - started
    while not idle.empty():
        idle.get_nowait()[1].close()
    return {"statuses": statuses, "latencies": latencies, "seconds": seconds}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_load(**json.load(sys.stdin)))))
