"""The pods' stand-in on this machine: what is told when a service does not start, and that none is left behind."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pymongo import MongoClient

from ci.errors import SmokeFailed
from ci.rehearsal import processes
from ci.settings import ROOT

pytestmark = pytest.mark.anyio


async def test_damaged_database_is_not_for_ever(tmp_path: Path) -> None:
    """Files that a killed rehearsal spoiled end the run with the option that begins with new ones."""
    (tmp_path / "mongo").mkdir()
    for name in ("admin.db", "carepath.db"):
        (tmp_path / "mongo" / name).write_text("damaged")

    with pytest.raises(SmokeFailed) as caught:
        async with processes.serve(tmp_path):
            pass

    assert (caught.value.code, caught.value.exit_code) == ("service_not_started", 9)
    assert "rehearse --fresh" in caught.value.hint


async def test_nx_27017_started_answers_on_the_port_it_was_given(tmp_path: Path) -> None:
    """A client's first request waits until the database is up."""
    async with processes.nx_27017(tmp_path) as port:
        with MongoClient[dict[str, object]](f"mongodb://127.0.0.1:{port}") as client:
            assert client.admin.command("ping")["ok"] == 1


# Serves in the folder that the command line names, and says so.
SERVES = """
import anyio, pathlib, sys
from ci.rehearsal import processes

async def main():
    async with processes.serve(pathlib.Path(sys.argv[1])) as endpoints:
        print(endpoints.chat_api, endpoints.db_api, flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


def of(folder: Path) -> list[str]:
    """List the commands that were started to serve in FOLDER, by their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"EMBEDDED_DATA_DIR={folder}/mongo".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def answers(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
        return True
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="counts processes by /proc, which this system has not")
@pytest.mark.slow
def test_killed_rehearsal_leaves_no_service_running(tmp_path: Path) -> None:
    """SIGKILL, which nobody hears: both services end, and the database of db-api with it."""
    rehearsal = subprocess.Popen(
        [sys.executable, "-c", SERVES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert rehearsal.stdout
    addresses = rehearsal.stdout.readline().split()
    assert [answers(each) for each in addresses] == [True, True]
    assert sorted("embedded" in each for each in of(tmp_path)) == [False, True]

    rehearsal.kill()
    rehearsal.communicate()

    deadline = time.monotonic() + 20
    while (of(tmp_path) or any(map(answers, addresses))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert of(tmp_path) == []
    assert [answers(each) for each in addresses] == [False, False]
