"""
Which Dagger session a command uses.

Under `dagger run` a Ctrl-C ends the session, and with it a running apply,
whatever this program does. So what changes things starts a session of its own,
in a process group that the terminal's Ctrl-C does not reach (docs/adr/0004).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from importlib.metadata import version
from typing import IO, TYPE_CHECKING

import anyio
import dagger

from ci.errors import NotReady
from ci.process.detach import PORT, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

INSTALL = "https://docs.dagger.io/install"
REHEARSE = "`python ci/main.py rehearse --engine host` needs no engine."
TAIL = 20
# Seconds: for a program to say its version, to flush a session that was open, to end when asked to.
ANSWER, FLUSH, END = 20, 30, 10
# An apply whose reply was lost must not be sent again.
RETRY = dagger.Retry(connect=True, execute=False)


def minor(text: str) -> str:
    """Return the major and minor version in TEXT, such as `0.21`, or nothing."""
    match = re.search(r"v?(\d+\.\d+)\.\d+", text)
    return match[1] if match else ""


def client_version() -> str:
    return version("dagger-io")


def find_cli(name: str) -> str:
    """
    Return the path of the dagger CLI called NAME.

    Raises NotReady when there is none or when it is of another minor version
    than the Python client: such a pair speaks past each other.
    """
    path = shutil.which(name)
    if path is None:
        title = "There is no dagger CLI on PATH."
        raise NotReady(title, code="engine_missing", hint=f"Install v{minor(client_version())} ({INSTALL}); {REHEARSE}")
    try:
        # Away from the terminal: the CLI would ask it for its colours, and the answers would stand on the screen.
        told = subprocess.run(
            [path, "version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER,
            start_new_session=True,
        ).stdout
    except subprocess.TimeoutExpired:
        title = f"The dagger CLI {path} does not answer."
        raise NotReady(title, code="engine_missing", hint=f"Install it anew ({INSTALL}); {REHEARSE}") from None
    except OSError as error:
        title = f"The dagger CLI {path} cannot be run: {error.strerror}."
        raise NotReady(title, code="engine_missing", hint=f"Install it anew ({INSTALL}); {REHEARSE}") from None
    if minor(told) != minor(client_version()):
        title = f"The dagger CLI says {told.strip() or 'nothing'}, but the Python client is {client_version()}."
        hint = f"Install a CLI of v{minor(client_version())} ({INSTALL}) and put it first on PATH."
        raise NotReady(title, code="engine_version", hint=hint)
    return path


@contextlib.asynccontextmanager
async def open_session(name: str, *, own: bool, timeout: float, log: Path) -> AsyncIterator[None]:
    """
    Connect `dagger.dag` until the block ends.

    The session of a surrounding `dagger run` is used when there is one and OWN
    is false; else one is started with the CLI called NAME, its log going to
    the file LOG. Raises NotReady when no engine answers within TIMEOUT seconds.
    """
    async with contextlib.AsyncExitStack() as stack:
        if own or not os.environ.get(PORT):
            cli = await anyio.to_thread.run_sync(find_cli, name)
            await stack.enter_async_context(_started(cli, timeout, log))
        connection = dagger.connection(dagger.Config(retry=RETRY))
        try:
            with anyio.fail_after(timeout):
                await connection.__aenter__()
        except (dagger.DaggerError, TimeoutError) as error:
            title = f"The Dagger engine does not answer: {type(error).__name__}."
            raise NotReady(title, code="engine_missing", detail=_tail(log), hint=_hint()) from None
        try:
            yield
        finally:
            # An interrupt must not cut the goodbye short, nor hide what it was that ended the run.
            with anyio.CancelScope(shield=True):
                await connection.__aexit__(None, None, None)


@contextlib.asynccontextmanager
async def _started(cli: str, timeout: float, log: Path) -> AsyncIterator[None]:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    surrounding = {name: os.environ.pop(name) for name in (PORT, TOKEN) if name in os.environ}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [cli, "--progress=logs", "session", "--label", "dagger.io/sdk.name:python"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
    patience = 0.0
    try:
        line = await _first_line(process, timeout)
        try:
            parameters = json.loads(line)
            os.environ |= {PORT: str(parameters["port"]), TOKEN: parameters["session_token"]}
        except (ValueError, KeyError, TypeError):
            title = "No Dagger session could be started."
            raise NotReady(title, code="engine_missing", detail=_tail(log), hint=_hint()) from None
        patience = FLUSH
        yield
    finally:
        for name in (PORT, TOKEN):
            os.environ.pop(name, None)
        os.environ |= surrounding
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_end, process, patience)


async def _first_line(process: subprocess.Popen[str], timeout: float) -> str:
    stdout: IO[str] = process.stdout  # type: ignore[assignment] # it was asked for
    with anyio.move_on_after(timeout):
        return await anyio.to_thread.run_sync(stdout.readline, abandon_on_cancel=True)
    return ""


def _end(process: subprocess.Popen[str], patience: float) -> None:
    """Close the session's stdin, which ends it, and wait PATIENCE seconds: it flushes what the engine told."""
    if process.stdin:
        process.stdin.close()
    for number, seconds in ((0, patience), (signal.SIGTERM, END), (signal.SIGKILL, END)):
        # Its children too: one that keeps the pipe open would be waited for below.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdout:
        process.stdout.close()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:]) if log.is_file() else ""


def _hint() -> str:
    return f"Start a container engine (Docker, Podman, …) and look at `python ci/main.py doctor`; {REHEARSE}"
