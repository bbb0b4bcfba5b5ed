"""The services started by their own names, as the page of the services says, and what their server lets through."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from service_chat.settings import Settings as ChatSettings
from service_db_api.settings import Settings as DbSettings
from tests.contract.process import POLL, ROOT, START, STOP, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

KEPT = ("PATH", "HOME", "TMPDIR")
PAGE = (ROOT / "docs/services.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^((?:\w+=\w+ )?\S*python -m service_(?:db_api|chat)) +# on :(\d+)", PAGE, re.MULTILINE)


def started(*, package: str = "service_db_api", **settings: str) -> subprocess.Popen[bytes]:
    """Start PACKAGE with SETTINGS."""
    return begun([sys.executable, "-m", package], settings)


def begun(command: Sequence[str], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start what COMMAND says, with SETTINGS."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.Popen(
        command, cwd=ROOT, env={**environment, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def until_answered(process: subprocess.Popen[bytes], url: str) -> httpx.Response:
    """Return the first answer to URL from PROCESS, which has some time to start."""
    deadline = time.monotonic() + START
    while True:
        try:
            return httpx.get(url, trust_env=False)
        except httpx.TransportError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(POLL)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Yield a client of db-api, on the port that the setting names and over a database that is away."""
    port = free_port()
    settings = {"API_PORT_DB_API": str(port), "MONGODB_URI": f"mongodb://127.0.0.1:{free_port()}"}
    with (
        started(**settings, MONGO_SERVER_SELECTION_TIMEOUT_MS="100") as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as found,
    ):
        until_answered(process, f"http://127.0.0.1:{port}/health")
        yield found
        process.terminate()
        assert process.wait(STOP) in (0, -15)


@pytest.mark.parametrize(
    ("package", "name"), [("service_db_api", "API_PORT_DB_API"), ("service_chat", "CHAT_API_PORT")]
)
def test_a_port_that_is_none_ends_the_start_in_a_sentence(package: str, name: str) -> None:
    """Whoever mistypes it reads which variable to mend."""
    with started(package=package, **{name: "70000", "MONGODB_URI": "embedded"}) as process:
        assert process.stderr is not None
        told = process.stderr.read().decode()

    assert process.returncode == 1
    assert told.startswith(f"{name} cannot be used")
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


def test_each_service_is_where_the_other_looks_for_it() -> None:
    """Started with nothing but their defaults, db-api listens where chat-api asks, and each where the page says."""
    chat, below = ChatSettings(), DbSettings(mongodb_uri=SecretStr("embedded"))

    assert chat.db_api_base_url.port == below.api_port_db_api
    assert [int(port) for _, port in COMMANDS] == [below.api_port_db_api, chat.chat_api_port]


def test_the_documented_commands_start_both() -> None:
    """Whoever types what the page of the services says, in its order, can ask a question."""
    ports = [str(free_port()) for _ in COMMANDS]
    # Others may have the ports of the page on this machine.
    settings = {
        "API_PORT_DB_API": ports[0],
        "CHAT_API_PORT": ports[1],
        "DB_API_BASE_URL": f"http://localhost:{ports[0]}",
    }
    with contextlib.ExitStack() as stack:
        for (command, _), port in zip(COMMANDS, ports, strict=True):
            typed = f"exec env {command}".replace(".venv/bin/python", sys.executable)
            process = stack.enter_context(begun(["sh", "-c", typed], settings))
            stack.callback(process.terminate)
            assert until_answered(process, f"http://localhost:{port}/health").status_code == httpx.codes.OK
        body = {"patient_mrn": "P000102", "query": "I slipped and hit my head."}
        answer = httpx.post(f"http://localhost:{ports[1]}/triage", json=body, trust_env=False, timeout=STOP)

    assert (answer.status_code, answer.json()["urgency"]) == (httpx.codes.OK, "urgent")
