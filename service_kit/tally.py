"""Further numbers of a service's own, by labels of which each has few values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_kit.metrics import Metrics

# Seconds: what other services and models take.
BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)


class Tally:
    """Counts under NAME, which ends as Prometheus has it, once for each of LABELS' values."""

    def __init__(self, metrics: Metrics, name: str, text: str, labels: Sequence[str]) -> None:
        self._counter = Counter(name, text, labels, registry=metrics.registry)

    def count(self, *labels: str) -> None:
        """Count one more under LABELS."""
        self._counter.labels(*labels).inc()


class Durations:
    """How long things took, under NAME, in seconds, once for each of LABELS' values."""

    def __init__(self, metrics: Metrics, name: str, text: str, labels: Sequence[str]) -> None:
        self._histogram = Histogram(name, text, labels, buckets=BUCKETS, registry=metrics.registry)

    def took(self, seconds: float, *labels: str) -> None:
        """Note that one under LABELS took so many SECONDS."""
        self._histogram.labels(*labels).observe(seconds)
