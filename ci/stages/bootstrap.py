"""Make the place where the state lives, and connect Terraform to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci.terraform import backend
from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from ci.aws.client import Aws
    from ci.engines.base import Terraform


async def bootstrap(aws: Aws) -> list[str]:
    """Make the state bucket and the lock table where they are missing; return what was made."""
    return await anyio.to_thread.run_sync(backend.make, aws)


async def init(tf: Terraform, aws: Aws) -> None:
    """Run `terraform init` against the state backend; raise TerraformFailed."""
    place = await anyio.to_thread.run_sync(backend.locate, aws)
    done = await tf.run(terraform.init(place.arguments()))
    if done.exit_code != 0:
        error = terraform.failure("init", done)
        raise error
