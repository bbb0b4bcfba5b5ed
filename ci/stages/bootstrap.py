"""Make the place where the state lives, and connect Terraform to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from ci import terraform

if TYPE_CHECKING:
    from ci.aws import Aws
    from ci.engines.base import Terraform


async def bootstrap(aws: Aws) -> list[str]:
    """Make the state bucket and the lock table where they are missing; return what was made."""
    return await anyio.to_thread.run_sync(aws.bootstrap)


async def init(tf: Terraform, aws: Aws) -> None:
    """Run `terraform init` against the state backend; raise TerraformFailed."""
    backend = await anyio.to_thread.run_sync(aws.backend)
    done = await tf.run(terraform.init(backend.arguments()))
    if done.exit_code != 0:
        error = terraform.failure("init", done)
        raise error
