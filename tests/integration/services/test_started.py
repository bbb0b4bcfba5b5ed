"""The services started by their own names, as the page of the services says, and what their server lets through."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from service_chat.settings import Settings as ChatSettings
from service_db_api.settings import Settings as DbSettings
from tests.integration.services.process import ROOT, client, environment, get, started
from tests.support.ports import reserved

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (ROOT / "docs/services.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^((?:\w+=\w+ )?\S*python -m service_(?:db_api|chat)) +# on :(\d+)", PAGE, re.MULTILINE)


def typed(command: str) -> list[str]:
    """Return what runs `command` of the page with this interpreter."""
    return ["sh", "-c", f"exec env {command}".replace(".venv/bin/python", sys.executable)]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Yield where db-api and chat-api answer, started by the page's commands, on ports that are free here."""
    folder = tmp_path_factory.mktemp("typed")
    (below, _), (above, _) = COMMANDS
    with reserved() as port:
        address = f"http://127.0.0.1:{port}"
        chat = {"CHAT_API_PORT": "0", "DB_API_BASE_URL": address, "DB_API_TIMEOUT_S": "30"}
        with (
            started(typed(below), folder / "below.log", {"API_PORT_DB_API": str(port)}) as lower,
            started(typed(above), folder / "above.log", chat) as upper,
        ):
            assert lower.address == address
            yield lower.address, upper.address


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "name"), [("service_db_api", "API_PORT_DB_API"), ("service_chat", "CHAT_API_PORT")]
)
def test_port_that_is_none_ends_the_start_in_a_sentence(package: str, name: str) -> None:
    """After a typing error the output says which variable to correct."""
    done = subprocess.run(
        [sys.executable, "-m", package],
        cwd=ROOT,
        env=environment({name: "70000", "MONGODB_URI": "embedded"}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"{name} cannot be used")
    assert "Traceback" not in done.stderr


def test_commands_of_the_page_start_both(services: tuple[str, str]) -> None:
    """Typed as the page of the services has them, in its order, they answer a question."""
    below, above = services
    assert get(f"{below}/health?check=ready").status_code == httpx.codes.OK
    with client(above) as connection:
        body = {"patient_mrn": "P000102", "query": "I slipped and hit my head."}
        answer = connection.post("/triage", json=body)

    assert (answer.status_code, answer.json()["urgency"]) == (httpx.codes.OK, "urgent")


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (f"/patients/{'P' * 9000}", {}, 414, "uri_too_long"),
        (f"/patients?after={'x' * 9000}", {}, 414, "uri_too_long"),
        ("/patients", {"cookie": "renn" * 5000}, 431, "headers_too_large"),
        ("/health", {"x-any": "renn" * 50_000}, 431, "headers_too_large"),
    ],
)
def test_request_that_is_too_long_is_a_problem(
    services: tuple[str, str], path: str, headers: dict[str, str], status: int, code: str
) -> None:
    """The server reads far longer ones than we want: they end in a problem of ours, and the connection goes on."""
    with client(services[0]) as connection:
        answer = connection.get(path, headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["trace_id"] == answer.headers["x-trace-id"]
        assert connection.get("/health").status_code == 200


def test_defaults_of_the_services_meet_each_other() -> None:
    """Started with nothing else, db-api listens where chat-api asks, and each where the page says."""
    chat, below = ChatSettings(), DbSettings(mongodb_uri=SecretStr("embedded"))

    assert chat.db_api_base_url.port == below.api_port_db_api
    assert [int(port) for _, port in COMMANDS] == [below.api_port_db_api, chat.chat_api_port]
