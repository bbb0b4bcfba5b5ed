"""
A real MongoDB for the store's promises: `python -m tests.integration.services.mongo`, or `nox -s store`.

Docker, or a Dagger engine when one is named, starts IMAGE for as long as the
tests run. Where neither can, nothing is tried and the reason is told.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.integration.services.process import POLL, ROOT
from tests.support.ports import reserved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

IMAGE = "mongo:8"
VARIABLE = "CAREPATH_TEST_MONGODB_URI"
TESTS = ("records", "lists", "summaries")
ENGINE = ("_EXPERIMENTAL_DAGGER_RUNNER_HOST", "DAGGER_SESSION_PORT")
ASKING, START, STOP = 20, 300.0, 30


class Unavailable(Exception):  # noqa: N818 - it says what was found
    """Why there is no MongoDB here."""


def command(environment: Mapping[str, str], port: int) -> list[str]:
    """Return what runs IMAGE in the foreground, on PORT of the loopback; raise Unavailable where nothing can."""
    path = environment.get("PATH")
    if docker := shutil.which("docker", path=path):
        asked = subprocess.run([docker, "info"], env=environment, capture_output=True, timeout=ASKING, check=False)
        if asked.returncode == 0:
            return [docker, "run", "--rm", "--publish", f"127.0.0.1:{port}:27017", IMAGE]
    dagger = shutil.which("dagger", path=path)
    if dagger and any(environment.get(name) for name in ENGINE):
        server = ["container", "from", "--address", IMAGE, "with-exposed-port", "--port", "27017"]
        return [dagger, "core", *server, "as-service", "up", "--ports", f"{port}:27017"]
    message = f"No Docker daemon answers and no Dagger engine is named. Set {VARIABLE} to a server of your own."
    raise Unavailable(message)


@contextlib.contextmanager
def running(environment: Mapping[str, str]) -> Iterator[str]:
    """Run IMAGE until the block ends and yield its address; raise Unavailable where it cannot be had."""
    quiet = subprocess.DEVNULL
    with reserved() as port:
        process = subprocess.Popen(
            command(environment, port), env=environment, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE, text=True
        )
        try:
            uri = f"mongodb://127.0.0.1:{port}"
            _wait(uri, process)
            yield uri
        finally:
            process.terminate()
            process.communicate(timeout=STOP)


def _wait(uri: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START
    with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=500) as client:
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(PyMongoError):
                client.admin.command("ping")
                return
            time.sleep(POLL)
    told = process.stderr.read().strip() if process.poll() is not None and process.stderr else "it does not answer"
    message = f"{IMAGE} cannot be had: {told.rpartition(chr(10))[2]}"
    raise Unavailable(message)


def main(argv: Sequence[str]) -> int:
    """Run the store's tests with ARGV over a MongoDB and return their code, 0 where there is none to be had."""
    tests = [f"tests/integration/services/test_store_{name}.py" for name in TESTS]
    try:
        with running(os.environ) as uri:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *tests, "-k", "mongodb", *argv],
                cwd=ROOT,
                env={**os.environ, VARIABLE: uri},
                check=False,
            )
    except Unavailable as reason:
        sys.stderr.write(f"Skipped. {reason}\n")
        return 0
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
