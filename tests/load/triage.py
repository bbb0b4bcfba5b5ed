"""
What a triage costs beside a bare proxy that makes the same question to the same db-api: `python -m tests.load.triage`.

Everything is on: log, metrics, traces, scrubbing, audit, and each turn kept. CPU is what the processes count
themselves, chat-api's or the proxy's and db-api's together; the database and the load are processes of their own.
The database's files lie in memory where they can: reads of the embedded one wait for its disk, the tail would be that.
Only the ratios mean something on another machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from tests.integration.services.process import Running, db_api, service
from tests.load.process import Server, Unmeasurable
from tests.load.questions import Asked, ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OURS, BARE = "ours", "bare"
# What a triage of both services may cost as a multiple of the proxy and db-api; the 99th percentile of the median.
COST, TAIL = 1.5, 5.0
# Turns are kept behind the answers' back, and db-api writes its audit a little later.
SETTLE, PATIENCE, POLL = 1.5, 120.0, 0.1
MEMORY = Path("/dev/shm")  # noqa: S108 - the data is synthetic and goes with the block
PATIENT = {"DB_API_TIMEOUT_S": "30", "REQUEST_DEADLINE_S": "60"}


@dataclass
class Measured:
    """`upper` and `lower` are microseconds a question of the asked process and of db-api, a number a round."""

    upper: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)

    @property
    def both(self) -> list[float]:
        return [one + two for one, two in zip(self.upper, self.lower, strict=True)]


@dataclass(frozen=True)
class Site:
    """db-api, chat-api and the proxy over it, and where chat-api's metrics are."""

    lower: Server
    servers: dict[str, Server]
    metrics: str

    def settle(self) -> None:
        """Return once every turn is kept and written; raise Unmeasurable when some were dropped or do not arrive."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            told = dict(each.rsplit(" ", 1) for each in httpx.get(self.metrics, trust_env=False).text.splitlines())
            if float(told["carepath_turns_dropped_total"]):
                message = "Turns were dropped: what was measured is not all that is to be done."
                raise Unmeasurable(message)
            if not float(told["carepath_turns_waiting"]):
                time.sleep(SETTLE)
                return
            time.sleep(POLL)
        message = f"Turns were not kept within {PATIENCE:.0f} s."
        raise Unmeasurable(message)


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Yield all three, running."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carepath-logs-")))
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="carepath-data-", dir=memory()))
        lower = stack.enter_context(db_api(folder, METRICS_PORT="0", EMBEDDED_DATA_DIR=data))
        settings = {"DB_API_BASE_URL": lower.address, "METRICS_PORT": "0", **PATIENT}
        ours = stack.enter_context(service("service_chat", folder, settings))
        servers = {
            OURS: _server(ours),
            BARE: _server(stack.enter_context(service("tests.load.proxy", folder, settings))),
        }
        yield Site(_server(lower), servers, ours.metrics)


def memory() -> Path | None:
    """Return the folder whose files lie in memory, None where there is none to write to."""
    return MEMORY if os.access(MEMORY, os.W_OK) else None


def _server(running: Running) -> Server:
    return Server(urlsplit(running.address).port or 0, running.process.pid)


def costs(at: Site, rounds: int, requests: int, connections: int) -> tuple[dict[str, Measured], float]:
    """Return what a question costs each, measured in turns, and how many chat-api answered each second at most."""
    found = {name: Measured() for name in at.servers}
    fastest = 0.0
    # The first round fills caches and is not counted.
    for number in range(rounds + 1):
        _progress(f"round {number} of {rounds}" if number else "warming up")
        for name in [*at.servers][:: 1 if number % 2 else -1]:
            server = at.servers[name]
            before = server.cpu(), at.lower.cpu()
            asked = ask(server.port, requests, connections)
            at.settle()
            if number:
                found[name].upper.append((server.cpu() - before[0]) * 1e6 / requests)
                found[name].lower.append((at.lower.cpu() - before[1]) * 1e6 / requests)
                fastest = max(fastest, requests / asked.seconds) if name == OURS else fastest
    return found, fastest


def tails(at: Site, rounds: int, requests: int, connections: int, rate: float) -> dict[str, list[Asked]]:
    """Return how long answers take at RATE questions a second, measured in turns, chat-api's and the proxy's."""
    found: dict[str, list[Asked]] = {name: [] for name in at.servers}
    for number in range(rounds):
        _progress(f"round {number + 1} of {rounds} at {rate:.0f} a second")
        for name in [*at.servers][:: 1 if number % 2 else -1]:
            found[name].append(ask(at.servers[name].port, requests, connections, rate))
            at.settle()
    return found


def _progress(text: str) -> None:
    sys.stderr.write(f"{text} (load average {os.getloadavg()[0]:.1f})\n")
    sys.stderr.flush()


def _ratios(one: Sequence[float], other: Sequence[float]) -> list[float]:
    return sorted(mine / theirs for mine, theirs in zip(one, other, strict=True))


def told(found: dict[str, Measured], fastest: float, half: dict[str, list[Asked]]) -> dict[str, Any]:
    """Return all of it, in microseconds a question and milliseconds an answer."""
    ours, bare = found[OURS], found[BARE]
    ratios = _ratios(ours.both, bare.both)
    ratio = statistics.median(ratios)
    tail = {name: statistics.median(each.p99 / each.median for each in some) for name, some in half.items()}
    return {
        "load_average": os.getloadavg()[0],
        "database": "in memory" if memory() else "on disk",
        "microseconds": {
            f"{name} {part}": round(statistics.median(getattr(each, part)))
            for name, each in found.items()
            for part in ("upper", "lower", "both")
        },
        "ratio": round(ratio, 2),
        "ratios": [round(each, 2) for each in ratios],
        "ratio_to_the_proxy_alone": round(statistics.median(_ratios(ours.both, bare.upper)), 2),
        "most_a_second": round(fastest),
        "at_half": {
            name: [{"median_ms": round(each.median * 1e3, 1), "p99_ms": round(each.p99 * 1e3, 1)} for each in some]
            for name, some in half.items()
        },
        "tail": {name: round(each, 2) for name, each in tail.items()},
        "reached": ratio <= COST and tail[OURS] <= TAIL,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure as ARGV says; return 0 whatever was found, 1 when nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.triage", description=__doc__, allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (%(default)s)")
    parser.add_argument("--requests", type=int, default=800, help="questions a server and round (%(default)s)")
    parser.add_argument("--connections", type=int, default=32, help="kept connections of the load (%(default)s)")
    arguments = parser.parse_args(argv)
    try:
        with site() as at:
            found, fastest = costs(at, arguments.rounds, arguments.requests, arguments.connections)
            half = tails(at, arguments.rounds, arguments.requests, arguments.connections, fastest / 2)
    except Unmeasurable as reason:
        sys.stderr.write(f"Nothing was measured. {reason}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(json.dumps(told(found, fastest, half), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
