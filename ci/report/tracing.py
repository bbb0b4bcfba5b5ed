"""A run's trace: an id for its log and report, and spans where an OpenTelemetry endpoint is set."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://opentelemetry.io/docs/specs/otel/protocol/exporter/
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
# https://www.w3.org/TR/trace-context/
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
# Milliseconds: a collector that is away must not keep a run that is over.
FLUSH = 3000


class Trace:
    """
    One run as one trace, part of the trace that TRACEPARENT names where one surrounds the run.

    Spans go nowhere until `exported` is entered with an endpoint set. They
    carry the names and endings of stages, and nothing of what a stage handled.
    """

    def __init__(self) -> None:
        match = TRACEPARENT.fullmatch(os.environ.get("TRACEPARENT", ""))
        self.id = match[1] if match else secrets.token_hex(16)
        self._parent = match[2] if match else secrets.token_hex(8)
        self._tracer: Any = None

    @contextlib.contextmanager
    def exported(self, command: str) -> Iterator[None]:
        """Export the block as the span of COMMAND, with its stages below it, if an endpoint is set."""
        if not any(os.environ.get(name) for name in ENDPOINTS):
            yield
            return
        # A second and more, for those who asked for it only.
        from opentelemetry import context, trace  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        # Of its own, not the process's: the Dagger client sets that one up for itself.
        provider = TracerProvider(resource=Resource.create({"service.name": "carepath-pipeline"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=FLUSH / 1000)))
        parent = trace.SpanContext(
            int(self.id, 16), int(self._parent, 16), is_remote=True, trace_flags=trace.TraceFlags(1)
        )
        self._tracer = provider.get_tracer("carepath")
        surrounding = trace.set_span_in_context(trace.NonRecordingSpan(parent), context.Context())
        try:
            with self._tracer.start_as_current_span(command, context=surrounding, record_exception=False) as span:
                self._root = trace.set_span_in_context(span, context.Context())
                yield
        finally:
            self._tracer = None
            provider.force_flush(FLUSH)
            provider.shutdown()

    @contextlib.contextmanager
    def span(self, name: str) -> Iterator[Any]:
        """Time the block as the span NAME; yields what `end` takes."""
        if self._tracer is None:
            yield None
            return
        with self._tracer.start_as_current_span(
            name, context=self._root, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    @staticmethod
    def end(span: Any, status: str) -> None:
        """Say of SPAN how its stage ended: done, unchanged, failed or interrupted."""
        if span is None:
            return
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

        span.set_attribute("carepath.status", status)
        if status in ("failed", "interrupted"):
            span.set_status(Status(StatusCode.ERROR, status))
