"""Apply the saved plan, and lose nothing when that fails."""

from __future__ import annotations

import re
import tempfile
from typing import TYPE_CHECKING

import anyio

from ci.aws import ecr
from ci.aws import errors as refusal
from ci.concurrency import side_by_side
from ci.errors import TerraformFailed
from ci.release import tag
from ci.services import SERVICES
from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ci.aws.client import Aws
    from ci.engines.base import Terraform
    from ci.release import Release
    from ci.services import Service

GO_ON = (
    "What was made is in the state and nothing has to be undone. Mend the cause, then run the same command again: "
    "it plans what is left."
)


async def keep(aws: Aws, release: Release) -> None:
    """Tag the images of RELEASE as deployed, so that ECR never expires what is about to run; raise ImageFailed."""

    async def one(service: Service) -> None:
        digest = release.references[service.image_key].partition("@")[2]
        await anyio.to_thread.run_sync(ecr.tag_image, aws, service.repository, digest, tag(digest))

    await side_by_side(one, SERVICES)


async def apply(tf: Terraform, *, lock_timeout: int, held_by: Callable[[], str], rescue: Path) -> str:
    """
    Apply the saved plan and return Terraform's closing line.

    LOCK_TIMEOUT is in seconds. When Terraform could not write the state, its
    last resort `errored.tfstate` is brought to the folder RESCUE and the error
    says how to push it. An interrupt stops Terraform, never this function, so
    what became of the plan is always told.
    """
    with anyio.CancelScope(shield=True):
        done = await tf.run(terraform.apply(lock_timeout=lock_timeout))
        errored = None if done.exit_code == 0 else await tf.read(terraform.ERRORED_STATE)
    if done.exit_code == 0:
        return closing_line(done.stdout)
    error = terraform.failure("apply", done, held_by=held_by)
    error.detail = f"{error.detail}\n{terraform.made(done.stdout)} changes were made before it ended.".lstrip()
    if errored is not None:
        rescue.mkdir(parents=True, exist_ok=True, mode=0o700)
        # A name of its own and for its owner only: an earlier one may not have been pushed yet.
        with tempfile.NamedTemporaryFile(prefix="errored-", suffix=".tfstate", dir=rescue, delete=False) as file:
            file.write(errored)
        path = file.name
        hint = f"The state could not be saved; it is in {path}. Before anything else: terraform state push {path}"
        raise TerraformFailed(error.title, code="state_not_saved", detail=error.detail, hint=hint)
    if error.code == "terraform_timeout":
        error.hint = f"{GO_ON} {error.hint}"
    if error.code == "terraform_apply_failed":
        cause = refusal.within(f"{done.stdout}\n{done.stderr}")
        hint = f"{cause.title} {cause.hint} {GO_ON}" if cause else GO_ON
        raise TerraformFailed(error.title, code=error.code, detail=error.detail, hint=hint)
    raise error


def closing_line(text: str) -> str:
    """Return what Terraform's apply says it did, such as `3 added, 0 changed, 0 destroyed`."""
    match = re.search(r"^(?:Apply|Destroy) complete! Resources: (.+?)\.?$", text, re.MULTILINE)
    return match[1] if match else "applied"
