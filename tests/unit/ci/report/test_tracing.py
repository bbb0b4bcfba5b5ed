"""A run's trace: its id, and what a collector gets of it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ci.errors import NotReady
from ci.report.model import Report
from ci.report.progress import Progress
from ci.report.tracing import Trace
from tests.unit.ci.answering import answering

pytestmark = pytest.mark.anyio

SURROUNDING = f"00-{'ab' * 16}-{'cd' * 8}-01"


async def run(trace: Trace) -> None:
    """Run one stage that ends well and one that does not."""
    progress = Progress(Report("deploy", "demo"), quiet=True, trace=trace)
    async with progress.stage("plan") as stage:
        stage.result = "planted result"
    with contextlib.suppress(NotReady):
        async with progress.stage("apply"):
            title = "planted title"
            raise NotReady(title, code="planted")


async def exported(monkeypatch: pytest.MonkeyPatch) -> tuple[Trace, dict[str, Any]]:
    """Run with a collector; return the trace and name -> span."""
    requests: list[ExportTraceServiceRequest] = []

    def take(_: str, sent: bytes) -> tuple[int, bytes]:
        requests.append(ExportTraceServiceRequest.FromString(sent))
        return 200, b""

    with answering(take) as address:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        trace = Trace()
        with trace.exported("deploy"):
            await run(trace)
    spans = [
        span
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    return trace, {span.name: span for span in spans}


async def test_without_an_endpoint_nothing_is_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asked for spans: no exporter is made, and the run has an id all the same."""
    monkeypatch.setattr("opentelemetry.sdk.trace.TracerProvider", None)
    trace = Trace()

    with trace.exported("deploy"):
        await run(trace)

    assert len(trace.id) == 32


async def test_stages_are_spans_below_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """One trace a run, with the id that its log and report tell."""
    trace, spans = await exported(monkeypatch)

    assert set(spans) == {"deploy", "plan", "apply"}
    assert {span.trace_id.hex() for span in spans.values()} == {trace.id}
    assert {spans[name].parent_span_id for name in ("plan", "apply")} == {spans["deploy"].span_id}


async def test_failed_stage_is_an_error_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a stage ended is told; what it handled, and the words of its error, stay here."""
    _, spans = await exported(monkeypatch)

    assert spans["apply"].status.code == 2
    assert spans["plan"].status.code == 0
    assert not any(span.events for span in spans.values())
    assert "planted" not in "".join(map(str, spans.values()))


async def test_run_goes_on_in_the_surrounding_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within somebody else's trace, such as `dagger run`'s, a run is a part of it."""
    monkeypatch.setenv("TRACEPARENT", SURROUNDING)

    trace, spans = await exported(monkeypatch)

    assert trace.id == "ab" * 16
    assert spans["deploy"].parent_span_id.hex() == "cd" * 8


@pytest.mark.parametrize("parent", ["", "00-xyz", f"01-{'ab' * 16}-{'cd' * 8}-01"])
async def test_parent_that_is_none_is_left_aside(monkeypatch: pytest.MonkeyPatch, parent: str) -> None:
    """A damaged TRACEPARENT stops no run: it gets an id of its own."""
    monkeypatch.setenv("TRACEPARENT", parent)

    assert Trace().id != Trace().id


async def test_collector_that_is_away_stops_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans that reach nobody are lost, and nothing else is."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    trace = Trace()

    with trace.exported("deploy"):
        await run(trace)
