"""Advisories: every locked package is asked after, and silence is told as silence."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from ci.services import SERVICES
from ci.settings import ROOT
from ci.supply_chain.osv import main, pinned

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "fastapi==0.165.0 \\\n    --hash=sha256:1\nuvloop==0.23.0 ; sys_platform != 'win32' \\\n    --hash=sha256:2\n"


@pytest.fixture
def lock(tmp_path: Path) -> str:
    path = tmp_path / "lock.txt"
    path.write_text(LOCK)
    return str(path)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve OSV's API, which knows something of fastapi."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            results = [
                {"vulns": [{"id": "GHSA-1"}]} if each["package"]["name"] == "fastapi" else {} for each in queries
            ]
            content = json.dumps({"results": results}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--required"], 3)])
def test_unreachable_database_is_told_as_skipped(
    lock: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], code: int
) -> None:
    """Offline that is no failure, unless it was asked to be; it is never told as nothing found."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert main(["--database", "http://127.0.0.1:1", *options, lock]) == code
    told = capsys.readouterr().out
    assert told.startswith("skipped: http://127.0.0.1:1 could not be asked")
    assert "advisory" not in told


def test_known_advisory_fails(lock: str, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With code 4, the package and where to read of it."""
    assert main(["--database", database, lock]) == 4
    assert capsys.readouterr().out == (
        "fastapi 0.165.0: https://osv.dev/GHSA-1\n2 packages asked after, 1 with an advisory\n"
    )


def test_nothing_known_passes(tmp_path: Path, database: str) -> None:
    """And how many were asked after is told."""
    path = tmp_path / "lock.txt"
    path.write_text(LOCK.replace("fastapi", "starlette"))

    assert main(["--database", database, str(path)]) == 0


def test_every_package_of_the_images_is_asked_after() -> None:
    """As many as the locks pin, with markers and hashes beside them."""
    locks = [ROOT / each.lock for each in SERVICES]
    lines = {line.split("==")[0] for path in locks for line in path.read_text().splitlines() if "==" in line[:60]}

    assert {name for name, _ in pinned(locks)} == {line.lower() for line in lines if line[:1].isalnum()}
