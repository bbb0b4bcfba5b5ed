"""Numbers of one application for Prometheus, on a port of their own."""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from prometheus_client import CollectorRegistry, Gauge, Info, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from service_kit import VERSION
from service_kit.environment import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

LABELS = ("method", "route", "status")
# Seconds: a read by key takes one to ten milliseconds; whoever waits longer than five seconds has left.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
BOUNDS = (*map(floatToGoString, BUCKETS), "+Inf")
FAMILIES = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}


@dataclass(frozen=True)
class Reading(Collector):
    """
    A number that a service keeps itself, read anew at each scrape.

    NAME begins with `carepath_`, ends with its unit, and with `_total` for a
    counter. READ is called in the scrape's own thread, so it may look at a
    number and do no more.
    """

    name: str
    text: str
    read: Callable[[], float]
    kind: Literal["counter", "gauge"] = "gauge"

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        yield FAMILIES[self.kind](self.name, self.text, value=self.read())

    def describe(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Yield the name without the number, so that a name given twice is refused before anything is read."""
        yield FAMILIES[self.kind](self.name, self.text)


class Requests(Collector):
    """
    How many requests there were of each kind, and how long they took.

    One thread counts, and a scrape in another one may find a request in one
    number and not yet in the next. The library's own kinds, which any thread
    may count in, would cost each request ten times as much.
    """

    def __init__(self) -> None:
        # Labels -> requests by the bucket they belong to, the last for what takes longer than any, and their seconds.
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._seconds: dict[tuple[str, ...], float] = {}

    def observe(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count a request that took so many SECONDS under LABELS."""
        counts = self._counts.get(labels)
        if counts is None:
            # In this order, for whoever has the counts looks for the seconds.
            self._seconds[labels] = 0.0
            counts = self._counts[labels] = [0] * (len(BUCKETS) + 1)
        counts[bisect_left(BUCKETS, seconds)] += 1
        self._seconds[labels] += seconds

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        requests, durations = self.describe()
        for labels, counts in [*self._counts.items()]:
            sums = [*accumulate(counts)]
            requests.add_metric(labels, sums[-1])
            buckets = [*zip(BOUNDS, sums, strict=True)]
            durations.add_metric(labels, buckets, self._seconds[labels])
        yield from (requests, durations)

    def describe(self) -> tuple[CounterMetricFamily, HistogramMetricFamily]:
        """Return both without numbers."""
        return (
            CounterMetricFamily("carepath_requests", "Requests answered.", labels=LABELS),
            HistogramMetricFamily(
                "carepath_request_duration_seconds",
                "From a request's arrival to the end of its answer.",
                labels=LABELS,
            ),
        )


class Metrics:
    """
    The numbers of one application: SERVICE, as built from REVISION.

    `in_flight` is how many requests are being answered. `registry` takes
    further metrics of prometheus-client's own kinds.
    """

    def __init__(self, service: str, revision: str) -> None:
        self.registry = CollectorRegistry()
        self.in_flight = 0
        self._requests = Requests()
        self.registry.register(self._requests)
        Gauge("carepath_requests_in_flight", "Requests being answered.", registry=self.registry).set_function(
            lambda: self.in_flight
        )
        Info("carepath_build", "What runs.", registry=self.registry).info(
            {"service": service, "version": VERSION, "revision": revision}
        )
        ProcessCollector(registry=self.registry)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by METHOD, its ROUTE's template and STATUS (0: none was sent), each one of few."""
        self._requests.observe((method, route, str(status)), seconds)

    @contextlib.contextmanager
    def reading(self, *readings: Reading) -> Iterator[None]:
        """Show READINGS among the numbers until the block ends; raise ValueError for a name that is there already."""
        with contextlib.ExitStack() as stack:
            for each in readings:
                self.registry.register(each)
                stack.callback(self.registry.unregister, each)
            yield

    @contextlib.asynccontextmanager
    async def served(self, port: int) -> AsyncIterator[int]:
        """Serve the numbers on PORT, any free one when 0, until the block ends; yield it, or raise Misconfigured."""
        try:
            server, thread = await asyncio.to_thread(start_http_server, port, registry=self.registry)
        except OSError as error:
            hint = "Choose another one, or leave it empty for no metrics."
            message = f"METRICS_PORT {port} cannot be listened on: {error.strerror}. {hint}"
            raise Misconfigured(message) from None
        try:
            yield server.server_port
        finally:
            await asyncio.to_thread(_stop, server, thread)


def _stop(server: WSGIServer, thread: Thread) -> None:
    server.shutdown()
    server.server_close()
    thread.join()
