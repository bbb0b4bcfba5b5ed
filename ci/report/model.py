"""What is told of a run at its end: one report, shown on a screen, as JSON or as Markdown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ci.aws.release_history import Recorded
    from ci.errors import PipelineError
    from ci.stages.smoke import Check
    from ci.terraform.plan_summary import PlanSummary

SCHEMA_VERSION = 1

Status = Literal["done", "unchanged", "failed", "interrupted"]
MARKS: dict[Status, tuple[str, str]] = {
    "done": ("✔", "green"),
    "unchanged": ("=", "cyan"),
    "failed": ("✘", "red"),
    "interrupted": ("■", "yellow"),
}


@dataclass
class Stage:
    """One stage of a run: how it ended, after how many seconds, and one line on what it did."""

    name: str
    status: Status = "done"
    seconds: float = 0.0
    result: str = ""


@dataclass
class Report:
    """All that is told of a run at its end."""

    command: str
    environment: str
    trace_id: str = ""
    log: str = ""
    engine: str = ""
    notice: str = ""
    stages: list[Stage] = field(default_factory=list)
    release: dict[str, str] = field(default_factory=dict)
    plan: PlanSummary | None = None
    checks: list[Check] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    releases: list[Recorded] | None = None
    status: dict[str, str] | None = None
    steps: list[dict[str, Any]] | None = None
    problem: PipelineError | None = None
    # The exit code where nothing went wrong: what was found may be one.
    found: int = 0

    @property
    def exit_code(self) -> int:
        return self.problem.exit_code if self.problem else self.found

    def as_dict(self) -> dict[str, Any]:
        """Return the report as the one JSON document that --json prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "command": self.command,
            "environment": self.environment,
            "trace_id": self.trace_id,
            "log": self.log,
            "engine": self.engine,
            "notice": self.notice,
            "ok": self.problem is None,
            "exit_code": self.exit_code,
            "stages": [
                {"name": each.name, "status": each.status, "seconds": round(each.seconds, 3), "result": each.result}
                for each in self.stages
            ],
            "release": self.release,
            "plan": self.plan.as_dict() if self.plan else None,
            "checks": [{"name": each.name, "ok": each.ok, "result": each.result} for each in self.checks],
            "addresses": self.addresses,
            **({"releases": [each.as_dict() for each in self.releases]} if self.releases is not None else {}),
            **({"steps": self.steps} if self.steps is not None else {}),
            **({"status": self.status} if self.status is not None else {}),
            "problem": self.problem.as_dict() if self.problem else None,
        }


def to_json(report: Report) -> str:
    return json.dumps(report.as_dict(), sort_keys=True, indent=2)


def to_outputs(report: Report) -> str:
    """Return REPORT as lines of $GITHUB_OUTPUT: the plan's hash, and repository and digest of each image."""
    found = {"plan-hash": report.plan.digest} if report.plan else {}
    for name, reference in report.release.items():
        found[f"{name}-repository"], _, found[f"{name}-digest"] = reference.partition("@")
    return "".join(f"{name}={value}\n" for name, value in found.items())
