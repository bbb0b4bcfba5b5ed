"""Terraform whose commands end: its S3 backend waits for ever on a server that takes a request and never answers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.engines.base import Terraform
    from ci.terraform.cli import Completed

# Seconds that a graceful end may take, before Terraform is told to end at once.
GRACE = 60.0


class LimitedTerraform:
    """
    TERRAFORM, a command of which is stopped after the seconds that LIMIT gives for its arguments.

    First gracefully, then at once, which leaves the state's lock behind. What
    was stopped says so: `ended_after` of what it returns.
    """

    def __init__(
        self, terraform: Terraform, limit: Callable[[list[str]], float], *, grace: float | None = None
    ) -> None:
        self._terraform = terraform
        self._limit = limit
        self._grace = GRACE if grace is None else grace
        self.stop = terraform.stop
        self.write = terraform.write
        self.read = terraform.read

    async def run(self, arguments: list[str]) -> Completed:
        limit = self._limit(arguments)
        late = False

        async def end() -> None:
            nonlocal late
            await anyio.sleep(limit)
            late = True
            while True:
                await self.stop()
                await anyio.sleep(self._grace)

        # Whoever cancels must not take the limit away, nor what became of the command.
        with anyio.CancelScope(shield=True):
            async with anyio.create_task_group() as group:
                group.start_soon(end)
                done = await self._terraform.run(arguments)
                group.cancel_scope.cancel()
        # What ended well all the same, as it was asked to stop, has done its work.
        return dataclasses.replace(done, ended_after=limit) if late and done.exit_code else done
