"""The folder that Terraform works in on this machine, and what it is handed there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ci.engines.host.engine import HostEngine
from ci.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Program = Callable[[str, str], Path]

pytestmark = pytest.mark.anyio

PATH = os.environ["PATH"]


@pytest.fixture
def infra(source_tree: Path) -> Path:
    """Make the smallest Terraform tree that the engine opens, with what earlier runs may have left in it."""
    demo = source_tree / "infra/terraform/envs/demo"
    (demo / ".terraform").mkdir(parents=True)
    for name in ("main.tf", "terraform.tfstate", "terraform.tfstate.backup", ".terraform/leftover"):
        (demo / name).write_text(name)
    (source_tree / "infra/terraform/backend.tf").write_text("backend")
    (demo / "backend.tf").symlink_to("../../backend.tf")
    return demo


async def test_engine_opens_a_copy_that_is_gone_afterwards(
    program: Program, infra: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier state and plug-ins are left out, links lead inside the copy, and the checkout stays as it was."""
    before = sorted(infra.rglob("*"))
    listing = "cat backend.tf; ls -A; pwd; echo x >new"
    path = program(
        "terraform", f"""[ "$1" = version ] && echo '{{"terraform_version": "1.12.0"}}' && exit\n{listing}"""
    )
    monkeypatch.setenv("PATH", f"{path.parent}:{PATH}")

    async with HostEngine(Settings(), lambda *_: None).terraform(variables={}, secrets={}) as tf:
        done = await tf.run(["plan"])
        backend, *names, place = done.stdout.removeprefix("backend").strip().splitlines() or [""]

    assert done.stdout.startswith("backend")
    assert {backend, *names} == {"backend.tf", "main.tf"}
    assert place.endswith("envs/demo")
    assert not os.path.lexists(place)
    assert sorted(infra.rglob("*")) == before


@pytest.mark.usefixtures("infra")
async def test_engine_hands_over_secrets_and_stand_ins_only(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform runs unattended, with the variables it was given and where the AWS API is, and no real credentials."""
    path = program("terraform", """[ "$1" = version ] && echo '{"terraform_version": "1.12.0"}' && exit\nenv""")
    monkeypatch.setenv("PATH", f"{path.parent}:{PATH}")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-real")
    settings = Settings(aws_endpoint_url="http://127.0.0.1:1")

    async with HostEngine(settings, lambda *_: None).terraform(
        variables={"TF_VAR_y": "open"}, secrets={"TF_VAR_x": "secret"}
    ) as tf:
        environment = (await tf.run(["plan"])).stdout.splitlines()

    for told in (
        "TF_VAR_x=secret",
        "TF_VAR_y=open",
        "AWS_ENDPOINT_URL=http://127.0.0.1:1",
        "TF_IN_AUTOMATION=1",
        "TF_INPUT=0",
    ):
        assert told in environment
    assert not [line for line in environment if "planted-real" in line]
