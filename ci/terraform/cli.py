"""
Terraform's words: argument lists, and what its outputs mean.

Pure functions; nothing here starts Terraform.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci.aws import errors as refusal
from ci.errors import PipelineError, PlanStale, StateLocked, TerraformFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PLAN_FILE = "tfplan"
IMAGES_FILE = "images.auto.tfvars.json"
ERRORED_STATE = "errored.tfstate"

# https://developer.hashicorp.com/terraform/tutorials/automation/automate-terraform
ENVIRONMENT = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Completed:
    """How a Terraform command ended; `ended_after` so many seconds because they were all it had, 0 by itself."""

    exit_code: int
    stdout: str
    stderr: str
    ended_after: float = 0.0


def init(backend: Mapping[str, str]) -> list[str]:
    """Return the arguments that make a working directory ready, its state kept as BACKEND says."""
    return [
        "init",
        "-input=false",
        "-no-color",
        "-reconfigure",
        *(f"-backend-config={k}={v}" for k, v in backend.items()),
    ]


def plan(
    *, lock_timeout: int, target: str | None = None, destroy: bool = False, refresh_only: bool = False
) -> list[str]:
    """Return the arguments of a saved plan; LOCK_TIMEOUT in seconds."""
    arguments = ["plan", "-input=false", "-no-color", "-detailed-exitcode", f"-lock-timeout={lock_timeout}s"]
    if target:
        arguments.append(f"-target={target}")
    if destroy:
        arguments.append("-destroy")
    if refresh_only:
        arguments.append("-refresh-only")
    return [*arguments, f"-out={PLAN_FILE}"]


def show() -> list[str]:
    return ["show", "-json", "-no-color", PLAN_FILE]


def apply(*, lock_timeout: int) -> list[str]:
    """Return the arguments that apply the saved plan, and nothing but it."""
    return ["apply", "-input=false", "-no-color", f"-lock-timeout={lock_timeout}s", PLAN_FILE]


def output() -> list[str]:
    return ["output", "-json", "-no-color"]


def obeys(command: str, times: int) -> bool:
    """
    Return whether COMMAND heeds the interrupt that is its TIMES-th, counted from 1.

    The first asks any to end. Where a server does not answer, only what holds
    the lock knows a second one; nothing but a kill ends the rest.
    """
    return times == 1 or (times == 2 and command in {"plan", "apply"})  # noqa: PLR2004 - the second of them


def outputs(document: str) -> dict[str, Any]:
    """Return name -> value of the outputs in DOCUMENT, the text of `output -json`."""
    return {name: each["value"] for name, each in json.loads(document).items()}


@dataclass(frozen=True)
class LockInfo:
    """What Terraform says of the run that holds the lock."""

    id: str
    who: str
    operation: str
    created: str


def lock_info(text: str) -> LockInfo | None:
    """Return who holds the state lock, as told in TEXT, or None when no lock is the trouble."""
    if "Error acquiring the state lock" not in text:
        return None
    # Without this part the lock is free and its place could not be reached.
    if "Lock Info:" not in text:
        return None
    fields = dict(re.findall(r"^[\s│]*(ID|Who|Operation|Created):\s*(.+?)\s*$", text, re.MULTILINE))
    return LockInfo(
        id=fields.get("ID", "unknown"),
        who=fields.get("Who", "unknown"),
        operation=fields.get("Operation", "unknown"),
        created=fields.get("Created", "unknown"),
    )


STALE = (
    "Saved plan is stale",
    "Saved plan does not match the given state",
    "Can't change variable when applying a saved plan",
    "Inconsistent dependency lock file",
)


def failure(command: str, completed: Completed, *, held_by: Callable[[], str] = str) -> PipelineError:
    """
    Return the error that tells what went wrong in COMMAND.

    HELD_BY tells, where it is known, which run holds the lock: in a container
    Terraform itself can only name `root@<container>`. When it cannot be asked,
    Terraform's word stands.
    """
    text = f"{completed.stdout}\n{completed.stderr}"
    if lock := lock_info(text):
        who = lock.who
        with contextlib.suppress(PipelineError):
            who = held_by() or who
        return StateLocked(
            f"The state is locked by {who} since {lock.created}.",
            code="state_locked",
            detail=f"Lock {lock.id}, {lock.operation}.",
            hint=f"Wait for that run to end. Only if it is certainly dead: python ci/main.py unlock {lock.id}",
        )
    if completed.ended_after:
        setting = "CAREPATH_APPLY_TIMEOUT" if command == "apply" else "CAREPATH_TERRAFORM_TIMEOUT"
        return TerraformFailed(
            f"terraform {command} did not end within {completed.ended_after:.0f} s and was stopped.",
            code="terraform_timeout",
            detail=diagnostics(completed),
            hint="AWS, Atlas or the cluster took a request and did not answer. Run it again; where all is well and "
            f"only slow, give it more time: {setting}.",
        )
    if any(words in text for words in STALE):
        return PlanStale(
            "The saved plan is stale: the state or the inputs changed after it was made.",
            code="plan_stale",
            hint="Run `python ci/main.py plan` again, look at it, then apply.",
        )
    if "does not have the expected content" in text:
        # The state is written to S3 first and its checksum to the lock table second.
        return TerraformFailed(
            "The state's checksum in the lock table is not the state's: a run died between writing the two.",
            code="state_checksum_stale",
            detail=diagnostics(completed),
            hint="While nobody is applying, `python ci/main.py unlock` mends it; then run it again.",
        )
    hint = "Mend what Terraform says, then run it again; nothing was changed."
    if command == "init" and "NoSuchBucket" in text:
        hint = "Run `python ci/main.py bootstrap` first: it makes the state's bucket and lock table."
    if found := refusal.within(text):
        hint = f"{found.title} {found.hint}"
    return TerraformFailed(
        f"terraform {command} failed with exit code {completed.exit_code}.",
        code=f"terraform_{command}_failed",
        detail=diagnostics(completed),
        hint=hint,
    )


def made(text: str) -> int:
    """Return how many changes were made, as told in TEXT, what an apply printed until it ended."""
    return len(re.findall(r": (?:Creation|Modifications|Destruction) complete after ", text))


def diagnostics(completed: Completed) -> str:
    """Return Terraform's own error text without its frame, at most the last 60 lines."""
    text = completed.stderr.strip() or completed.stdout.strip()
    lines = [line.lstrip("│╷╵ ").rstrip() for line in text.splitlines()]
    return "\n".join([line for line in lines if line][-60:])
