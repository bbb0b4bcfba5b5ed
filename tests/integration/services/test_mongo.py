"""A MongoDB for the store's tests, with a stand-in for Docker."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.services.mongo import IMAGE, Unavailable, command, running
from tests.integration.services.process import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Like Docker: `info` answers, `run` is the server, on the port that is published, until it is terminated.
DOCKER = """\
#!{python}
import sys
sys.path.insert(0, {root!r})
if sys.argv[1] == "run":
    import asyncio, tempfile
    from functools import partial
    from nx_27017.handler import NeoSQLiteHandler
    from nx_27017.server import handle_client
    async def serve(folder):
        port = int(sys.argv[4].split(":")[1])
        handler = NeoSQLiteHandler(data_dir=folder)
        server = await asyncio.start_server(partial(handle_client, handler=handler), "127.0.0.1", port)
        await server.serve_forever()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asyncio.run(serve(folder))
"""
NO_IMAGE = '#!/bin/sh\n[ "$1" = info ] || { echo "denied: no such image" >&2; exit 125; }\n'


def program(folder: Path, name: str, text: str) -> dict[str, str]:
    """Return an environment that has the program NAME, made of TEXT, and nothing of the kind besides."""
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}


def test_where_nothing_can_start_it_the_reason_is_told(tmp_path: Path) -> None:
    """A Docker without its daemon is none."""
    environment = program(tmp_path, "docker", "#!/bin/sh\nexit 1\n")

    with pytest.raises(Unavailable, match="No Docker daemon answers"):
        command(environment, 1)


def test_an_image_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    """What Docker says last is the reason."""
    environment = program(tmp_path, "docker", NO_IMAGE)

    with pytest.raises(Unavailable, match="denied: no such image"), running(environment):
        pass


@pytest.mark.parametrize("name", ["_EXPERIMENTAL_DAGGER_RUNNER_HOST", "DAGGER_SESSION_PORT"])
def test_an_engine_serves_where_docker_does_not(tmp_path: Path, name: str) -> None:
    """Who names an engine gets the same image from it."""
    environment = {**program(tmp_path, "dagger", "#!/bin/sh\n"), name: "any"}
    environment["PATH"] = str(tmp_path)

    found = command(environment, 27018)

    assert found[1:5] == ["core", "container", "from", "--address"]
    assert (found[5], found[-1]) == (IMAGE, "27018:27017")


@pytest.mark.slow
def test_the_stores_tests_run_over_what_was_started(tmp_path: Path) -> None:
    """They find the server, and those that know it for another kind do not run."""
    environment = program(tmp_path, "docker", DOCKER.format(python=sys.executable, root=str(ROOT)))
    chosen = "mongodb and test_a_taken_key_is_left_as_it_is"

    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.services.mongo", "-q", "-k", chosen],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
