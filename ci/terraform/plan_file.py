"""A plan on disk, with what one must know of it before applying it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter, ValidationError

from ci.errors import NotReady, PlanStale
from ci.release import Release

if TYPE_CHECKING:
    from pathlib import Path

    from ci.terraform.plan_summary import PlanSummary

AGAIN = "Run `python ci/main.py plan` again, look at it, then apply."

# Digits of a hash that name a plan.
LENGTH = 12


@dataclass(frozen=True)
class Origin:
    """Where a plan belongs: one environment in one account and region."""

    environment: str
    account: str
    region: str


@dataclass(frozen=True)
class SavedPlan:
    """
    What lies beside a plan's file: its ORIGIN, the images it deploys, who made it from which commit, and its hash.

    `target` is the one module it may change, or None; `made` is UTC, RFC 3339.
    """

    origin: Origin
    references: dict[str, str]
    target: str | None
    who: str
    commit: str
    made: str
    hash: str
    schema_version: Literal[1] = 1

    @property
    def release(self) -> Release:
        return Release(self.references)


def save(path: Path, content: bytes, plan: SavedPlan) -> None:
    """Put the plan CONTENT into PATH and what PLAN says of it beside it, both for their owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    about = json.dumps(asdict(plan), indent=2, sort_keys=True).encode()
    for each, body in ((path, content), (beside(path), about)):
        each.touch(mode=0o600)
        each.chmod(0o600)
        each.write_bytes(body)


def load(path: Path, origin: Origin) -> tuple[SavedPlan, bytes]:
    """
    Return what was saved as PATH.

    Raises NotReady where there is none, PlanStale where it belongs to another
    environment, account or region than ORIGIN.
    """
    try:
        content, about = path.read_bytes(), beside(path).read_bytes()
    except OSError:
        title = f"There is no saved plan {path}."
        raise NotReady(title, code="plan_missing", hint="Run `python ci/main.py plan` first.") from None
    try:
        # Strictly: what is not what `save` wrote, down to its types, was written by somebody else.
        plan = TypeAdapter(SavedPlan).validate_json(about, strict=True)
    except ValidationError:
        title = f"{beside(path).name} does not say where the plan comes from."
        raise PlanStale(title, code="plan_foreign", hint=AGAIN) from None
    if plan.origin != origin:
        title = f"The saved plan is for {_told(plan.origin)}, and this run is for {_told(origin)}."
        raise PlanStale(title, code="plan_foreign", hint=AGAIN)
    return plan, content


def named(digest: str, expected: str) -> bool:
    """Tell whether EXPECTED, a hash or its first 12 digits or more, names the plan whose hash is DIGEST."""
    return len(expected) >= LENGTH and digest.startswith(expected.lower())


def compare(summary: PlanSummary, expected: str, *, approved: bool) -> None:
    """Raise PlanStale unless SUMMARY has the hash EXPECTED, which was APPROVED or else saved; its start will do."""
    if named(summary.digest, expected):
        return
    what = "what was approved" if approved else "the plan that was saved"
    title = f"The plan is not {what}: its hash is {summary.digest[:LENGTH]}, not {expected[:LENGTH] or 'any'}."
    lines = [f"{each.action} {each.address}" for each in summary.changes]
    hint = "Look at what it would do now, and approve that." if approved else AGAIN
    if approved and summary.empty:
        title = (
            f"There is nothing to change, and the plan that was approved, {expected[:LENGTH]}, is not the last applied."
        )
        hint = "The cloud is as this checkout has it: run it without --approved to see whether that answers."
    raise PlanStale(title, code="plan_differs", detail="\n".join(lines), hint=hint)


def remove(path: Path) -> None:
    """Remove the plan of PATH: it was applied, and it holds values."""
    path.unlink(missing_ok=True)
    beside(path).unlink(missing_ok=True)


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _told(origin: Origin) -> str:
    return f"{origin.environment} in account {origin.account}, {origin.region}"
