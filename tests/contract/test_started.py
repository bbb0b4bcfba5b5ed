"""db-api started by its own name, and what the server in front of it lets through."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.process import POLL, ROOT, START, STOP, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = ("PATH", "HOME", "TMPDIR")


def started(**settings: str) -> subprocess.Popen[bytes]:
    """Start it with SETTINGS."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "service_db_api"],
        cwd=ROOT,
        env={**environment, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Yield a client of db-api, on the port that the setting names and over a database that is away."""
    port = free_port()
    settings = {"API_PORT_DB_API": str(port), "MONGODB_URI": f"mongodb://127.0.0.1:{free_port()}"}
    with (
        started(**settings, MONGO_SERVER_SELECTION_TIMEOUT_MS="100") as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as found,
    ):
        deadline = time.monotonic() + START
        while True:
            try:
                found.get("/health")
                break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(POLL)
        yield found
        process.terminate()
        assert process.wait(STOP) in (0, -15)


def test_a_port_that_is_none_ends_the_start_in_a_sentence() -> None:
    """Whoever mistypes it reads which variable to mend."""
    with started(API_PORT_DB_API="70000", MONGODB_URI="embedded") as process:
        assert process.stderr is not None
        told = process.stderr.read().decode()

    assert process.returncode == 1
    assert told.startswith("API_PORT_DB_API cannot be used")
    assert "Traceback" not in told


def test_the_port_is_the_one_that_is_set(client: httpx.Client) -> None:
    """It answers there, and says the truth about its database."""
    assert client.get("/health").status_code == 200
    assert client.get("/health?check=ready").json()["code"] == "database_unavailable"


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (f"/patients/{'P' * 9000}", {}, 414, "uri_too_long"),
        (f"/patients?after={'x' * 9000}", {}, 414, "uri_too_long"),
        ("/patients", {"cookie": "renn" * 5000}, 431, "headers_too_large"),
        ("/health", {"x-any": "renn" * 50_000}, 431, "headers_too_large"),
    ],
)
def test_what_is_too_long_is_a_problem(
    client: httpx.Client, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    """The server reads far longer ones than we want: they end in a problem of ours, and the connection goes on."""
    answer = client.get(path, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["trace_id"] == answer.headers["x-trace-id"]
    assert client.get("/health").status_code == 200
