"""Which Dagger session a command uses, by CLIs that are a few lines of shell."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import anyio
import dagger
import pytest
from dagger.client._session import SharedConnection

from ci.engines.dagger.session import client_version, find_cli, minor, open_session
from ci.errors import NotReady
from ci.process.detach import PORT, TOKEN
from tests.integration.pipeline.double import server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.integration.pipeline.double.session import Session

    Program = Callable[[str, str], Path]

pytestmark = pytest.mark.anyio

SAME = f"dagger v{client_version()} (image://engine) linux/amd64"


def cli(version: str, session: str) -> str:
    """Return a CLI that prints VERSION when asked for it, and does SESSION when it is to start one."""
    return f'if [ "$1" = version ]; then echo "{version}"; exit; fi\necho $$ >"$0.pid"\n{session}'


@pytest.fixture(autouse=True)
async def forgetful_client(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Close the client's one connection after each test, a half-open one too, and forget where it was."""
    assert anyio_backend == "asyncio"
    monkeypatch.setattr(SharedConnection(), "_params", None)
    yield
    await dagger.close()


@pytest.fixture
def double() -> Iterator[Session]:
    """Answer as an engine's session does."""
    with server.serve() as session:
        yield session


def announce(double: Session) -> str:
    """Return the shell command that tells where DOUBLE is, as `dagger session` does, and stays until stdin ends."""
    return f"echo '{json.dumps({'port': double.port, 'session_token': server.TOKEN})}'; exec cat >/dev/null"


def pid(path: Path) -> int:
    return int(path.with_name(f"{path.name}.pid").read_text())


def lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


async def refused(path: Path, log: Path, *, timeout: float = 5) -> NotReady:
    """Open a session with the CLI at PATH and return why there is none."""
    with pytest.raises(NotReady) as caught:
        async with open_session(str(path), own=True, timeout=timeout, log=log):
            pass
    return caught.value


def test_no_cli_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a CLI the version that fits is named, and the way that needs none."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NotReady) as caught:
        find_cli("dagger")

    assert (caught.value.code, caught.value.exit_code) == ("engine_missing", 3)
    assert minor(client_version()) in caught.value.hint
    assert "rehearse --engine host" in caught.value.hint


@pytest.mark.parametrize("version", ["dagger v0.20.5 (image://engine) linux/amd64", "dagger v1.0.0", "rubbish", ""])
def test_cli_of_another_minor_version_is_refused(program: Program, version: str) -> None:
    """Client and CLI that do not belong together are told apart before they speak."""
    path = program("dagger", cli(version, "exit 1"))

    with pytest.raises(NotReady) as caught:
        find_cli(str(path))

    assert (caught.value.code, caught.value.exit_code) == ("engine_version", 3)
    assert client_version() in caught.value.title
    assert (version or "nothing") in caught.value.title


@pytest.mark.parametrize("body", ["#!/no/such/shell\n", "", "\x7fELF"], ids=["interpreter", "empty", "machine"])
def test_cli_that_cannot_be_run_is_refused(tmp_path: Path, body: str) -> None:
    """A CLI for another machine is a sentence, not a bug."""
    path = tmp_path / "dagger"
    path.write_text(body)
    path.chmod(0o755)

    with pytest.raises(NotReady):
        find_cli(str(path))


def test_patch_version_may_differ(program: Program) -> None:
    """Any CLI of the same minor version will do."""
    path = program("dagger", cli(f"dagger v{minor(client_version())}.0", "exit 1"))

    assert find_cli(str(path)) == str(path)


@pytest.mark.parametrize(
    "says",
    ["echo rubbish", "echo null", "echo 42", """echo '["port"]'""", """echo '{"port": 1}'""", "exit 3", "kill -9 $$"],
)
async def test_cli_that_starts_no_session_is_told_with_its_log(program: Program, tmp_path: Path, says: str) -> None:
    """Whatever it prints or however it dies, the end of what it logged is shown, and it is not left behind."""
    lines = "for i in $(seq 100); do echo log $i >&2; done\n"
    path = program("dagger", cli(SAME, lines + says))

    problem = await refused(path, tmp_path / "work/session.log")

    assert problem.code == "engine_missing"
    assert problem.detail.splitlines()[-1] == "log 100"
    assert len(problem.detail.splitlines()) == 20
    assert not lives(pid(path))
    assert not {PORT, TOKEN} & set(os.environ)


async def test_engine_that_does_not_answer_in_time_is_told(program: Program, tmp_path: Path) -> None:
    """A CLI that waits for an engine for ever is ended after the time that was allowed."""
    path = program("dagger", cli(SAME, "echo waiting for the engine >&2; exec cat >/dev/null"))

    problem = await refused(path, tmp_path / "session.log", timeout=0.2)

    assert problem.code == "engine_missing"
    assert problem.detail == "waiting for the engine"
    assert not lives(pid(path))


async def test_silent_cli_is_ended_with_its_children(program: Program, tmp_path: Path) -> None:
    """A child that holds the pipe open, as a container engine's own client may, delays the sentence by nothing."""
    path = program("dagger", cli(SAME, "sleep 60; true"))

    with anyio.fail_after(10), pytest.raises(NotReady) as caught:
        async with open_session(str(path), own=True, timeout=0.5, log=tmp_path / "log"):
            pytest.fail("nothing answered")

    assert caught.value.code == "engine_missing"


async def test_session_that_nobody_answers_is_told(program: Program, tmp_path: Path) -> None:
    """A port where nothing listens is no engine."""
    says = """echo '{"port": 1, "session_token": "x"}'; exec cat >/dev/null"""
    path = program("dagger", cli(SAME, says))

    problem = await refused(path, tmp_path / "session.log", timeout=1)

    assert problem.code == "engine_missing"
    assert not lives(pid(path))


async def test_own_session_is_ended_and_the_surrounding_one_comes_back(
    program: Program, tmp_path: Path, double: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes things starts its own session, out of the terminal's reach, although `dagger run` gave one."""
    monkeypatch.setenv(PORT, "1")
    monkeypatch.setenv(TOKEN, "surrounding")
    path = program("dagger", cli(SAME, announce(double)))

    async with open_session(str(path), own=True, timeout=10, log=tmp_path / "session.log"):
        child = pid(path)
        assert os.environ[PORT] == str(double.port)
        assert os.environ[TOKEN] == server.TOKEN
        assert os.getsid(child) != os.getsid(0)

    assert not lives(child)
    assert (os.environ[PORT], os.environ[TOKEN]) == ("1", "surrounding")


async def test_surrounding_session_is_used_where_nothing_changes(
    program: Program, tmp_path: Path, double: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check under `dagger run` shows in its screen: no CLI is started."""
    monkeypatch.setenv(PORT, str(double.port))
    monkeypatch.setenv(TOKEN, server.TOKEN)
    path = program("dagger", cli(SAME, "exit 1"))

    async with open_session(str(path), own=False, timeout=10, log=tmp_path / "session.log"):
        assert os.environ[PORT] == str(double.port)

    assert not path.with_name("dagger.pid").exists()


async def test_session_is_started_where_there_is_none(program: Program, tmp_path: Path, double: Session) -> None:
    """Without `dagger run` a plain command starts one too, and leaves no trace of it."""
    path = program("dagger", cli(SAME, announce(double)))

    async with open_session(str(path), own=False, timeout=10, log=tmp_path / "session.log"):
        child = pid(path)

    assert not lives(child)
    assert not {PORT, TOKEN} & set(os.environ)


async def test_cancelled_run_ends_its_session_too(program: Program, tmp_path: Path, double: Session) -> None:
    """After Ctrl-C nothing of ours is left running."""
    path = program("dagger", cli(SAME, announce(double)))

    with anyio.CancelScope() as scope:
        async with open_session(str(path), own=True, timeout=10, log=tmp_path / "session.log"):
            child = pid(path)
            scope.cancel()
            await anyio.lowlevel.checkpoint()

    assert not lives(child)
    assert not {PORT, TOKEN} & set(os.environ)
