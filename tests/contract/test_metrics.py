"""The metrics' own port, beside a real server's."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.process import ROOT, db_api, free_port, service

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = {
    "service_db_api": {"MONGODB_URI": "mongodb://127.0.0.1:1"},
    "service_chat": {"DB_API_BASE_URL": "http://127.0.0.1:1"},
}


def test_a_taken_port_ends_the_start_in_a_sentence() -> None:
    """The log's last word is which variable to change; there is no traceback, and no service without its numbers."""
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104 - where the metrics would listen
        port = other.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "uvicorn", "service_db_api.main:app", "--port", "0"],
            cwd=ROOT,
            env={**os.environ, **NOBODY["service_db_api"], "METRICS_PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode != 0
    assert f"METRICS_PORT {port} cannot be listened on: Address already in use." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("package", NOBODY)
def test_the_public_port_has_no_metrics(tmp_path: Path, package: str) -> None:
    """Whoever may ask for patients is not thereby shown how the service does, whether a port is set for that or not."""
    for settings in ({}, {"METRICS_PORT": str(free_port())}):
        with service(package, tmp_path, {**NOBODY[package], **settings}) as running:
            assert httpx.get(f"{running.address}/metrics", trust_env=False).status_code == 404


def test_the_port_tells_how_the_service_does(tmp_path: Path) -> None:
    """Counts by template, what is built in, what the process takes; and nobody's number or name."""
    port = free_port()
    with (
        db_api(tmp_path, METRICS_PORT=str(port), GIT_SHA="0123abc") as running,
        httpx.Client(trust_env=False) as client,
    ):
        for mrn in ("P000102", "P000103", "P999999"):
            client.get(f"{running.address}/patients/{mrn}")
        page = client.get(f"http://127.0.0.1:{port}/metrics").text

    assert 'carepath_requests_total{method="GET",route="/patients/{mrn}",status="200"} 2.0' in page
    assert 'carepath_requests_total{method="GET",route="/patients/{mrn}",status="404"} 1.0' in page
    assert 'revision="0123abc",service="db-api"' in page
    assert "process_cpu_seconds_total" in page
    for private in ("P000102", "P999999"):
        assert private not in page
