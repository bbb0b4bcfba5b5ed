"""Numbers of one application for Prometheus, on a port of their own."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from service_kit import VERSION
from service_kit.environment import Misconfigured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

LABELS = ("method", "route", "status")
# Seconds: a read by key takes one to ten milliseconds; whoever waits longer than five seconds has left.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
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


class Metrics:
    """
    The numbers of one application: SERVICE, as built from REVISION.

    `in_flight` is how many requests are being answered. `registry` takes
    further metrics of prometheus-client's own kinds.
    """

    def __init__(self, service: str, revision: str) -> None:
        self.registry = CollectorRegistry()
        self.in_flight = 0
        self._requests = Counter("carepath_requests", "Requests answered.", LABELS, registry=self.registry)
        self._durations = Histogram(
            "carepath_request_duration_seconds",
            "From a request's arrival to the end of its answer.",
            LABELS,
            buckets=BUCKETS,
            registry=self.registry,
        )
        # Finding a child by its labels costs more than counting in it.
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        Gauge("carepath_requests_in_flight", "Requests being answered.", registry=self.registry).set_function(
            lambda: self.in_flight
        )
        Info("carepath_build", "What runs.", registry=self.registry).info(
            {"service": service, "version": VERSION, "revision": revision}
        )
        ProcessCollector(registry=self.registry)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by METHOD, its ROUTE's template and STATUS (0: none was sent), each one of few."""
        key = (method, route, status)
        found = self._children.get(key)
        if found is None:
            labels = (method, route, str(status))
            found = self._children[key] = (self._requests.labels(*labels), self._durations.labels(*labels))
        requests, durations = found
        requests.inc()
        durations.observe(seconds)

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
