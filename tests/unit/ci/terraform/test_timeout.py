"""No command of Terraform's goes on for ever."""

from __future__ import annotations

import anyio
import pytest

from ci.terraform.cli import Completed
from ci.terraform.timeout import LimitedTerraform

pytestmark = pytest.mark.anyio


class Hanging:
    """A Terraform that ends at the STOPS-th request to stop, with EXIT_CODE; at once where none is needed."""

    def __init__(self, stops: int, exit_code: int = 1) -> None:
        self.left = stops
        self.exit_code = exit_code
        self.asked = 0
        self.files: dict[str, bytes] = {}
        self.may_end = anyio.Event()
        if not stops:
            self.may_end.set()

    async def run(self, arguments: list[str]) -> Completed:
        with anyio.CancelScope(shield=True):
            await self.may_end.wait()
        return Completed(self.exit_code, " ".join(arguments), "")

    async def stop(self) -> bool:
        self.asked += 1
        if self.asked == self.left:
            self.may_end.set()
        return True

    async def write(self, name: str, content: bytes) -> None:
        self.files[name] = content

    async def read(self, name: str) -> bytes | None:
        return self.files.get(name)


@pytest.mark.parametrize("stops", [1, 2, 3], ids=["gracefully", "at once", "deaf for a while"])
async def test_command_that_goes_on_too_long_is_stopped(stops: int) -> None:
    """First it is asked gracefully, then again until it ends; what it had is told."""
    hanging = Hanging(stops)

    with anyio.fail_after(10):
        done = await LimitedTerraform(hanging, lambda _: 0.01, grace=0.01).run(["init"])

    assert hanging.asked == stops
    assert done == Completed(1, "init", "", ended_after=0.01)


async def test_limit_depends_on_the_command() -> None:
    """An apply may take longer than an init."""
    asked: list[list[str]] = []

    def limit(arguments: list[str]) -> float:
        asked.append(arguments)
        return 60.0

    done = await LimitedTerraform(Hanging(0), limit).run(["apply", "tfplan"])

    assert done.ended_after == 0
    assert asked == [["apply", "tfplan"]]


async def test_what_ends_well_as_it_is_asked_to_stop_has_ended_well() -> None:
    """Its work is done; nobody is told that it failed."""
    with anyio.fail_after(10):
        done = await LimitedTerraform(Hanging(1, exit_code=0), lambda _: 0.01, grace=0.01).run(["apply"])

    assert (done.exit_code, done.ended_after) == (0, 0)


async def test_limit_holds_after_an_interrupt() -> None:
    """A pipeline that is cancelled waits for Terraform, and still not for ever."""
    found: list[Completed] = []

    with anyio.fail_after(10), anyio.CancelScope() as scope:
        scope.cancel()
        found.append(await LimitedTerraform(Hanging(1), lambda _: 0.01, grace=0.01).run(["init"]))

    assert [each.ended_after for each in found] == [0.01]


async def test_files_are_terraforms_own() -> None:
    """A limit changes nothing of what lies in the folder."""
    limited = LimitedTerraform(Hanging(0), lambda _: 60.0)

    await limited.write("tfplan", b"a plan")

    assert await limited.read("tfplan") == b"a plan"
    assert await limited.read("errored.tfstate") is None
