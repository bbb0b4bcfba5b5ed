"""Numbers for Prometheus."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client import generate_latest

from service_kit import VERSION
from service_kit.environment import Misconfigured
from service_kit.metrics import Metrics, Reading

if TYPE_CHECKING:
    from tests.unit.service_kit.served import Served

QUEUE = Reading("carepath_queue_records", "Records that wait.", lambda: 3)
LOST = Reading("carepath_lost_total", "Records that were lost.", lambda: 4, kind="counter")


@pytest.mark.anyio
async def test_a_taken_port_ends_the_start_in_a_sentence() -> None:
    """Whoever starts a second service with the first one's settings reads which variable to change."""
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 - where the metrics would listen
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured) as caught:
            async with Metrics("demo", "abc").served(port):
                pass

    assert str(caught.value) == (
        f"METRICS_PORT {port} cannot be listened on: Address already in use. "
        "Choose another one, or leave it empty for no metrics."
    )


def test_a_name_given_twice_is_refused() -> None:
    """Two numbers by one name would be a broken page; the first is shown on."""
    metrics = Metrics("demo", "abc")

    with metrics.reading(QUEUE):
        with pytest.raises(ValueError, match="carepath_queue_records"), metrics.reading(LOST, QUEUE):
            pass
        assert metrics.registry.get_sample_value("carepath_queue_records") == 3
        assert metrics.registry.get_sample_value("carepath_lost_total") is None


def test_a_services_own_numbers_are_shown_while_it_lasts() -> None:
    """A lifespan shows what it has, and may be run again."""
    metrics = Metrics("demo", "abc")

    for _ in range(2):
        with metrics.reading(QUEUE, LOST):
            page = generate_latest(metrics.registry).decode()
            assert "# TYPE carepath_queue_records gauge\ncarepath_queue_records 3.0\n" in page
            assert "# TYPE carepath_lost_total counter\ncarepath_lost_total 4.0\n" in page
        assert metrics.registry.get_sample_value("carepath_queue_records") is None


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/nowhere/renn", ("GET", "unmatched", "404")),
        ("BREW", "/items/renn", ("other", "/items/{name}", "405")),
        ("GET", "/items/P000102", ("GET", "/items/{name}", "422")),
        ("GET", "/bug/renn", ("GET", "/bug/{name}", "500")),
        ("GET", "/gone", ("GET", "/gone", "503")),
        ("GET", "/items/renn", ("GET", "/items/{name}", "200")),
    ],
)
async def test_requests_are_counted_by_template(
    served: Served, method: str, path: str, labels: tuple[str, str, str]
) -> None:
    """Each request counts once and has a duration, under few labels that name nobody."""
    await served.client.request(method, path)
    await served.client.request(method, path)

    registry = served.operation.metrics.registry
    named = dict(zip(("method", "route", "status"), labels, strict=True))
    assert registry.get_sample_value("carepath_requests_total", named) == 2
    assert registry.get_sample_value("carepath_request_duration_seconds_count", named) == 2
    assert b"renn" not in generate_latest(registry)
    assert b"P000102" not in generate_latest(registry)


@pytest.mark.anyio
async def test_a_request_is_in_flight_until_it_is_answered(served: Served) -> None:
    """A bug gives its place back as an answer does."""
    await served.client.get("/bug/renn")
    within = await served.client.get("/health")

    assert within.json() == 1
    assert served.operation.metrics.registry.get_sample_value("carepath_requests_in_flight") == 0


def test_the_page_says_what_runs() -> None:
    """Whoever sees the numbers change finds which version changed them."""
    found = Metrics("demo", "abc").registry.get_sample_value(
        "carepath_build_info", {"service": "demo", "version": VERSION, "revision": "abc"}
    )

    assert found == 1


def test_applications_do_not_share_numbers() -> None:
    """One process may hold several, each with numbers of its own."""
    first, second = Metrics("demo", "abc"), Metrics("demo", "abc")

    first.observe("GET", "/", 200, 0.02)

    assert first.registry.get_sample_value("carepath_request_duration_seconds_sum", _root()) == 0.02
    assert second.registry.get_sample_value("carepath_request_duration_seconds_sum", _root()) is None


@pytest.mark.anyio
async def test_the_port_answers_while_it_is_served() -> None:
    """The numbers are there for as long as the application is, and the port is free afterwards."""
    metrics = Metrics("demo", "abc")
    async with httpx.AsyncClient(trust_env=False) as client:
        async with metrics.served(0) as port:
            page = await client.get(f"http://127.0.0.1:{port}/metrics")
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/metrics")

    assert page.headers["content-type"].startswith("text/plain")
    assert 'carepath_build_info{revision="abc",service="demo"' in page.text


def _root() -> dict[str, str]:
    return {"method": "GET", "route": "/", "status": "200"}
