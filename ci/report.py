"""What people and machines read of a run: lines while it goes, then one report as text, JSON or Markdown."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TextIO

import anyio
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ci.errors import Interrupted, leaves
from ci.services import SERVICES
from ci.streams import lasting
from ci.summary import ACTIONS, LOUD
from ci.telemetry import Trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ci.errors import PipelineError
    from ci.releases import Recorded
    from ci.stages.smoke import Check
    from ci.summary import Change, PlanSummary

SCHEMA_VERSION = 1
HEARTBEAT = 30.0

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


class Progress:
    """
    The lines of a run while it goes: one when a stage starts, one when it ends.

    Goes to stderr, so that stdout holds results only. Colours and width follow
    the terminal; NO_COLOR, FORCE_COLOR and a log that is no terminal are obeyed.
    Each line also goes into LOG, plain and with its time; each stage is a span
    of TRACE.
    """

    def __init__(
        self, report: Report, *, quiet: bool = False, log: TextIO | None = None, trace: Trace | None = None
    ) -> None:
        self.report = report
        self._log = Console(file=log, width=200, emoji=False, highlight=False, force_terminal=False) if log else None
        self._trace = trace or Trace()
        self.console = Console(file=lasting(sys.stderr), quiet=quiet, emoji=False, highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        self._print(escape(line))

    def _print(self, markup: str) -> None:
        self.console.print(markup)
        if self._log:
            self._log.print(f"{datetime.now(UTC):%H:%M:%S} {markup}", soft_wrap=True)

    def close(self) -> None:
        """Put the report into the log, as its last lines."""
        if self._log:
            show(self.report, self._log)

    @contextlib.asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[Stage]:
        """Time the block as the stage NAME; a line every half minute says that it goes on."""
        stage = Stage(name)
        self.report.stages.append(stage)
        self._print(f"[bold]▶ {name}[/]")
        started = time.monotonic()
        spans = contextlib.ExitStack()
        span = spans.enter_context(self._trace.span(name))
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heartbeat, name, started)
                yield stage
                group.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            stage.status = "interrupted"
            raise
        except BaseException as error:
            interrupted = any(isinstance(each, Interrupted) for each in leaves(error))
            stage.status = "interrupted" if interrupted else "failed"
            if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
                raise error.exceptions[0] from None
            raise
        finally:
            stage.seconds = time.monotonic() - started
            self._trace.end(span, stage.status)
            spans.close()
            mark, colour = MARKS[stage.status]
            self._print(f"[{colour}]{mark} {name}[/] {stage.seconds:.1f} s  {escape(stage.result)}")

    async def _heartbeat(self, name: str, started: float) -> None:
        while True:
            await anyio.sleep(HEARTBEAT)
            self._print(f"[dim]… {name} goes on, {time.monotonic() - started:.0f} s[/]")


def to_json(report: Report) -> str:
    return json.dumps(report.as_dict(), sort_keys=True, indent=2)


def to_outputs(report: Report) -> str:
    """Return REPORT as lines of $GITHUB_OUTPUT: the plan's hash, and repository and digest of each image."""
    found = {"plan-hash": report.plan.digest} if report.plan else {}
    for name, reference in report.release.items():
        found[f"{name}-repository"], _, found[f"{name}-digest"] = reference.partition("@")
    return "".join(f"{name}={value}\n" for name, value in found.items())


def show(report: Report, console: Console) -> None:
    """Print REPORT for a person: notice, stages, release, plan, checks, and as the last line how it ended."""
    if report.notice:
        console.print(f"[bold yellow]{escape(report.notice)}[/]")
    if report.stages:
        console.print(_stages(report.stages))
    for name, reference in report.release.items():
        console.print(f"[bold]{name}[/] {escape(reference)}")
    if report.plan is not None:
        _show_plan(report.plan, console)
    if report.releases is not None:
        console.print(releases_table(report.releases))
    for name, found in {**(report.status or {}), **report.addresses}.items():
        console.print(f"[bold]{name}[/] {escape(found)}")
    for check in report.checks:
        mark, colour = MARKS["done" if check.ok else "failed"]
        console.print(f"[{colour}]{mark}[/] {escape(check.name)}: {escape(check.result)}")
    if report.problem:
        if report.log:
            console.print(f"[dim]log {escape(report.log)}[/]")
        tell(report.problem, console)
    else:
        seconds = sum(stage.seconds for stage in report.stages)
        console.print(f"[bold green]{report.command} is done[/] after {seconds:.1f} s.")


def _stages(stages: Sequence[Stage]) -> Table:
    table = Table("stage", "time", "result", box=None, pad_edge=False)
    for stage in stages:
        mark, colour = MARKS[stage.status]
        table.add_row(f"[{colour}]{mark}[/] {stage.name}", f"{stage.seconds:.1f} s", escape(stage.result))
    return table


def _show_plan(plan: PlanSummary, console: Console) -> None:
    console.print(plan_table(plan))
    for title, changes in (("", plan.loud()), ("changed outside Terraform: ", plan.drifted)):
        for line in _listed(changes, title):
            console.print(f"[bold red]{escape(line)}[/]")
    if not plan.empty:
        console.print(f"[bold]plan[/] {plan.digest}")


def plan_table(plan: PlanSummary) -> Table | str:
    """Return PLAN by module; replacements and deletions stand out."""
    if plan.empty:
        return "Terraform: no changes."
    actions = [action for action in ACTIONS if action != "other" or plan.counts()["other"]]
    table = Table("Terraform", *actions, box=None, pad_edge=False)
    for module, counts in {**plan.by_module(), "all": plan.counts()}.items():
        loud = {action: "bold red" for action in LOUD if counts.get(action)}
        cells = [
            f"[{loud[action]}]{counts[action]}[/]" if action in loud else str(counts.get(action, 0))
            for action in actions
        ]
        table.add_row(module, *cells)
    return table


# How many addresses a screen of 24 lines has room for.
LISTED = 6


def _listed(changes: Sequence[Change], title: str) -> list[str]:
    """Return a line for each of CHANGES, as many as there is room for."""
    lines = [f"{title}{each.action} {each.address}{f' ({each.reason})' if each.reason else ''}" for each in changes]
    return lines if len(lines) <= LISTED else [*lines[: LISTED - 1], f"{title}and {len(lines) - LISTED + 1} more"]


def releases_table(releases: Sequence[Recorded]) -> Table | str:
    """Return RELEASES, newest first, as one line each."""
    if not releases:
        return "No release has been recorded yet: `deploy` keeps one when it answers rightly."
    table = Table(box=None, pad_edge=False)
    keys = [service.image_key for service in SERVICES]
    for name in ("release", "kind", "commit", *keys):
        # A release is named by what stands here, so none of it may be cut off.
        table.add_column(name, no_wrap=True)
    table.add_column("by", overflow="ellipsis")
    for each in releases:
        digests = [each.images.get(key, "").partition("@sha256:")[2][:8] for key in keys]
        who = escape(each.who.partition(" ")[0])
        table.add_row(each.id, each.kind, each.commit[:7], *digests, who)
    return table


def tell(problem: PipelineError, console: Console) -> None:
    """Print PROBLEM: details first, so that the last lines are what happened and what to do next."""
    if problem.detail:
        console.print(escape(problem.detail))
    console.print(f"[bold red]✘ {escape(problem.title)}[/] [dim]({problem.code}, exit code {problem.exit_code})[/]")
    if problem.hint:
        console.print(f"→ {escape(problem.hint)}")
