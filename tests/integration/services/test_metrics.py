"""Metrics on a port that has nothing else, next to a real server's."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.services.process import ROOT, environment, get

if TYPE_CHECKING:
    from tests.integration.services.conftest import Pair

PATIENT = "/patients/{mrn}"


def answered(page: str, status: int) -> float:
    """Return how many reads of a patient a page of metrics counts with this status."""
    labels = {"method": "GET", "route": PATIENT, "status": str(status)}
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    return sum(
        sample.value for sample in samples if (sample.name, sample.labels) == ("carepath_requests_total", labels)
    )


@pytest.mark.slow
def test_metrics_port_that_is_taken_ends_the_start_in_a_sentence() -> None:
    """The log's last word is which variable to change; there is no traceback, and no service without its numbers."""
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 - where the metrics would listen
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "uvicorn", "service_db_api.main:app", "--port", "0"],
            cwd=ROOT,
            env=environment({"MONGODB_URI": "mongodb://127.0.0.1:1", "METRICS_PORT": str(port)}),
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode != 0
    assert f"METRICS_PORT {port} cannot be listened on: Address already in use." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_metrics_are_not_on_the_public_port(pair: Pair) -> None:
    """Who may ask for patients is not thereby shown how the service does."""
    for running, caller in ((pair.db_api, pair.below), (pair.chat_api, pair.above)):
        assert caller.get("/metrics").status_code == 404
        assert get(running.metrics).status_code == 200


def test_metrics_of_db_api_count_by_template_and_name_nobody(pair: Pair) -> None:
    """Counts by template, what is built in, what the process takes; and nobody's number or name."""
    before = get(pair.db_api.metrics).text
    for mrn in ("P000102", "P000103", "P999999"):
        pair.below.get(f"/patients/{mrn}")
    page = get(pair.db_api.metrics).text

    assert [answered(page, status) - answered(before, status) for status in (200, 404)] == [2, 1]
    assert 'revision="0123abc",service="db-api"' in page
    assert "process_cpu_seconds_total" in page
    for private in ("P000102", "P999999"):
        assert private not in page
