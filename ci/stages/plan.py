"""Make a saved plan and say what it would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ci.errors import NotReady, TerraformFailed
from ci.release import Release
from ci.services import SERVICES
from ci.terraform import cli as terraform
from ci.terraform.plan_summary import summarise

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci.engines.base import Terraform
    from ci.services import Service
    from ci.terraform.plan_summary import PlanSummary

# Two answers of `plan -detailed-exitcode`: nothing to do, changes to make.
PLANNED = (0, 2)
APP = "module.app"
ECR = "module.ecr"

# Terraform asks for a value of every variable, even where -target leaves both images out.
NO_IMAGE = f"unpublished@sha256:{'0' * 64}"


async def read_outputs(tf: Terraform) -> dict[str, Any]:
    """Return the outputs the state holds; empty before the first apply."""
    done = await tf.run(terraform.output())
    if done.exit_code != 0:
        error = terraform.failure("output", done)
        raise error
    return terraform.outputs(done.stdout)


def deployed(outputs: dict[str, Any]) -> Release:
    """Return the release that OUTPUTS say is deployed; it lacks a service that never was."""
    images = outputs.get("deployed_images") or {}
    return Release({key: images[key] for key in (each.image_key for each in SERVICES) if images.get(key)})


def complete(release: Release, *, but: Service | None = None) -> Release:
    """Return RELEASE; raise NotReady when it lacks the image of a service other than BUT."""
    missing = [each.name for each in SERVICES if each != but and each.image_key not in release.references]
    if missing:
        title = f"No image of {' and '.join(missing)} has been published or deployed yet."
        hint = (
            "Run `python ci/main.py deploy` once, without --service: it makes the repositories, then both images, "
            "then all the rest."
        )
        raise NotReady(title, code="image_missing", hint=hint)
    return release


async def write_images(tf: Terraform, release: Release) -> None:
    """Put both image references into one generated file, so that deploying one never rolls the other back."""
    references = {each.image_variable: NO_IMAGE for each in SERVICES} | release.variables()
    await tf.write(terraform.IMAGES_FILE, json.dumps(references, indent=2).encode())


async def plan(
    tf: Terraform,
    release: Release,
    *,
    lock_timeout: int,
    held_by: Callable[[], str],
    target: str | None = None,
    destroy: bool = False,
) -> PlanSummary:
    """
    Save a plan that brings RELEASE about and return what it would do.

    With TARGET only that module may change: a plan that reaches outside is
    refused with TerraformFailed, since -target takes along what the target
    depends on. LOCK_TIMEOUT is in seconds; HELD_BY names the lock's holder.
    """
    await write_images(tf, release)
    done = await tf.run(terraform.plan(lock_timeout=lock_timeout, target=target, destroy=destroy))
    if done.exit_code not in PLANNED:
        error = terraform.failure("plan", done, held_by=held_by)
        raise error
    summary = await read_plan(tf)
    outside = [change.address for change in summary.changes if target and change.module != target]
    if outside:
        title = f"Deploying one service would change {len(outside)} resources outside {target}."
        hint = "Run `python ci/main.py deploy` without --service: it plans everything and shows it first."
        raise TerraformFailed(title, code="outside_target", detail="\n".join(outside), hint=hint)
    return summary


async def read_plan(tf: Terraform) -> PlanSummary:
    """Return what the plan that lies there would do; raise TerraformFailed when it is none."""
    shown = await tf.run(terraform.show())
    if shown.exit_code != 0:
        error = terraform.failure("show", shown)
        raise error
    return summarise(shown.stdout)


async def take(tf: Terraform, release: Release, content: bytes) -> PlanSummary:
    """Put the saved plan CONTENT, made for RELEASE, where `apply` takes it; return what it would do."""
    await write_images(tf, release)
    await tf.write(terraform.PLAN_FILE, content)
    return await read_plan(tf)
