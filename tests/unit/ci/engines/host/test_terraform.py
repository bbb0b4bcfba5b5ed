"""Terraform as a process of this machine: what it is given, how it ends, and that only asking stops it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import anyio
import pytest

from ci.engines.host.terraform import HostTerraform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci.terraform.cli import Completed

    Program = Callable[[str, str], Path]

pytestmark = pytest.mark.anyio

PATH = os.environ["PATH"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make Terraform's folder, with two pipes by which it says that it runs and is told to go on."""
    path = tmp_path / "folder"
    path.mkdir()
    for name in ("runs", "go"):
        os.mkfifo(path / name)
    return path


def opened(program: Path, folder: Path, **environment: str) -> HostTerraform:
    return HostTerraform([str(program)], folder, {"PATH": PATH, **environment})


async def runs(folder: Path) -> None:
    """Wait until the program says that it runs."""
    await anyio.to_thread.run_sync((folder / "runs").read_text)


async def go(folder: Path) -> None:
    await anyio.to_thread.run_sync((folder / "go").write_text, "on")


async def test_exit_code_and_both_streams_come_back(program: Program, folder: Path) -> None:
    """A failure is an answer; what is no UTF-8 is shown all the same, and much output blocks nothing."""
    body = r"""printf 'out\377put'; seq 20000; echo problem >&2; seq 20000 >&2; exit 3"""

    done = await opened(program("terraform", body), folder).run(["plan"])

    assert done.exit_code == 3
    assert done.stdout.startswith("out\N{REPLACEMENT CHARACTER}put")
    assert done.stdout.endswith("20000\n")
    assert done.stderr.startswith("problem")
    assert done.stderr.endswith("20000\n")


async def test_program_gets_its_arguments_folder_and_environment(program: Program, folder: Path) -> None:
    """Nothing of this process's environment reaches it, and no question waits for an answer."""
    tf = opened(program("terraform", 'echo "$@"; pwd; env; timeout 2 cat; exit $?'), folder, TF_VAR_secret="planted")

    done = await tf.run(["plan", "-out=a b"])

    arguments, place, *environment = done.stdout.splitlines()
    assert done.exit_code == 0
    assert arguments == "plan -out=a b"
    assert place == str(folder)
    assert "TF_VAR_secret=planted" in environment
    assert not [line for line in environment if line.startswith(("HOME=", "PYTEST_", "AWS_"))]


async def test_terminals_interrupt_does_not_reach_it(program: Program, folder: Path) -> None:
    """It runs in a session of its own: a Ctrl-C at the terminal goes to the pipeline only."""
    done = await opened(
        program("terraform", "ps -o sid= -p $$ 2>/dev/null || cut -d' ' -f6 /proc/$$/stat"), folder
    ).run(["version"])

    assert int(done.stdout) != os.getsid(0)


async def test_stop_is_one_interrupt_and_the_exit_code_comes_back(program: Program, folder: Path) -> None:
    """SIGINT, as Ctrl-C at a terminal would send it; what Terraform then does is its own affair."""
    body = "trap 'echo interrupted; exit 7' INT\necho >runs\nwhile :; do sleep 0.01; done"
    tf = opened(program("terraform", body), folder)
    ended: list[Completed] = []

    async def run() -> None:
        ended.append(await tf.run(["apply"]))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await runs(folder)
            while not await tf.stop():
                await anyio.lowlevel.checkpoint()

    assert (ended[0].exit_code, ended[0].stdout) == (7, "interrupted\n")


async def test_cancelling_does_not_end_it(program: Program, folder: Path) -> None:
    """A cancelled pipeline waits: a killed Terraform would leave its lock behind and lose its state."""
    tf = opened(program("terraform", "echo >runs\nread line <go\necho $line; exit 5"), folder)
    ended: list[Completed] = []

    async def run(scope: anyio.CancelScope) -> None:
        with scope:
            ended.append(await tf.run(["apply"]))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            scope = anyio.CancelScope()
            group.start_soon(run, scope)
            await runs(folder)
            while tf._process is None:
                await anyio.lowlevel.checkpoint()
            scope.cancel()
            await anyio.wait_all_tasks_blocked()
            assert not ended
            await go(folder)

    assert (ended[0].exit_code, ended[0].stdout) == (5, "on\n")


async def test_nothing_to_stop_is_said(program: Program, folder: Path) -> None:
    """Before a command and after it there is none to ask, and asking is no fault."""
    tf = opened(program("terraform", "exit 0"), folder)

    before = await tf.stop()
    await tf.run(["plan"])

    assert (before, await tf.stop()) == (False, False)


async def test_stop_of_a_program_that_has_just_ended_is_no_fault(program: Program, folder: Path) -> None:
    """The program is gone, but what it started still holds its output: an interrupt then finds nobody."""
    tf = opened(program("terraform", "(read line <go) &\necho $! >pid\necho >runs\nexit 0"), folder)
    ended: list[Completed] = []

    async def run() -> None:
        ended.append(await tf.run(["apply"]))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await runs(folder)
            while tf._process is None or tf._process.returncode is None:
                await anyio.lowlevel.checkpoint()
            await tf.stop()
            await go(folder)

    assert ended[0].exit_code == 0


async def test_files_are_private_and_come_back(program: Program, folder: Path) -> None:
    """Plans hold values: what is written is readable by its owner only, and shorter content leaves no rest."""
    tf = opened(program("terraform", "exit 0"), folder)

    await tf.write("tfplan", b"longer \x00 content")
    await tf.write("tfplan", b"short")

    assert await tf.read("tfplan") == b"short"
    assert await tf.read("nothing") is None
    assert stat.S_IMODE((folder / "tfplan").stat().st_mode) == 0o600
