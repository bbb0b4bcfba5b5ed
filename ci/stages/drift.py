"""Ask whether the cloud still is what the state says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci.stages.plan import PLANNED, read_plan, write_images
from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.engines.base import Terraform
    from ci.release import Release
    from ci.terraform.plan_summary import PlanSummary


async def drift(tf: Terraform, release: Release, *, lock_timeout: int, held_by: Callable[[], str]) -> PlanSummary:
    """
    Return a plan whose `drifted` is what was changed outside Terraform; RELEASE is what is deployed.

    Nothing is changed, not even the state. Decided by what the plan lists: its
    exit code says "changes" of a refresh that found none (hashicorp/terraform
    #37406, mended in 1.15). LOCK_TIMEOUT is in seconds.
    """
    await write_images(tf, release)
    done = await tf.run(terraform.plan(lock_timeout=lock_timeout, refresh_only=True))
    if done.exit_code not in PLANNED:
        error = terraform.failure("plan", done, held_by=held_by)
        raise error
    return await read_plan(tf)
