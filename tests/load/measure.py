"""What a request costs each server in CPU, as they take turns, so that a noisy machine is noisy for all."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from tests.load.client import load
from tests.load.process import Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.load.process import Server

# A server writes its audit up to a second after the answers, and that belongs to their cost.
SETTLE = 1.5
PAGE = 50
PLACES = 20
COMPARED = 25


@dataclass(frozen=True)
class Route:
    """
    One kind of request; `goal` is what it may cost at most, as a multiple of the bare route.

    What is dear is asked for less often: a `part` of the usual number of requests.
    """

    name: str
    goal: float
    paths: tuple[str, ...]
    part: float = 1


@dataclass
class Measured:
    """Server -> microseconds of CPU per request on one route, a number a round."""

    route: Route
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def ratios(self, name: str, other: str) -> list[float]:
        """Return what NAME took as a multiple of OTHER, smallest first; each pair is of one round."""
        return sorted(one / two for one, two in zip(self.rounds[name], self.rounds[other], strict=True))


def routes(server: Server) -> list[Route]:
    """Return what is asked: patients spread evenly over all that SERVER has, alone, by fifty and summed up."""
    first = server.get(f"/patients?skip=0&limit={PAGE}").json()
    skips = sorted({first["total"] * number // PLACES for number in range(PLACES)})
    pages = tuple(f"/patients?skip={skip}&limit={PAGE}" for skip in skips)
    mrns = [each["mrn"] for page in pages for each in server.get(page).json()["items"][::5]]
    singles = tuple(f"/patients/{mrn}" for mrn in mrns)
    return [
        Route("single patient", 1.3, singles),
        Route(f"list of {PAGE}", 1.3, pages, 0.3),
        Route("summary", 0.7, tuple(f"{path}/summary" for path in singles)),
    ]


def same(one: Server, other: Server, route: Route) -> bool:
    """Return whether both answer the same bytes on ROUTE; raise Unmeasurable unless both answer at all."""
    alike = True
    for path in route.paths[:: max(1, len(route.paths) // COMPARED)]:
        answers = one.get(path), other.get(path)
        if any(each.status_code != httpx.codes.OK for each in answers):
            message = f"{path} was answered with {' and '.join(str(each.status_code) for each in answers)}."
            raise Unmeasurable(message)
        alike = alike and answers[0].content == answers[1].content
    return alike


def measure(
    servers: Mapping[str, Server],
    asked: Sequence[Route],
    *,
    rounds: int,
    requests: int,
    connections: int,
    progress: Callable[[str], None],
) -> list[Measured]:
    """Measure SERVERS on each route that is ASKED, ROUNDS times, with so many REQUESTS to each of them a time."""
    found = [Measured(each, {name: [] for name in servers}) for each in asked]
    # The first round fills caches and is not counted.
    for number in range(rounds + 1):
        progress(f"round {number} of {rounds}" if number else "warming up")
        for each in found:
            some = max(connections, round(requests * each.route.part))
            before = {name: server.cpu() for name, server in servers.items()}
            # Whoever comes first is another one each time.
            ports = [server.port for server in servers.values()][:: 1 if number % 2 else -1]
            load(ports, each.route.paths, some, connections)
            time.sleep(SETTLE)
            for name, server in servers.items() if number else ():
                each.rounds[name].append((server.cpu() - before[name]) * 1e6 / some)
    return found
