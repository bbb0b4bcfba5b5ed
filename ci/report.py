"""What people and machines read of a run: lines while it goes, then one report as text, JSON or Markdown."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import anyio
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ci.errors import Interrupted, leaves
from ci.streams import lasting
from ci.terraform import ACTIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ci.errors import PipelineError
    from ci.stages.smoke import Check
    from ci.terraform import PlanSummary

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
    engine: str = ""
    notice: str = ""
    stages: list[Stage] = field(default_factory=list)
    release: dict[str, str] = field(default_factory=dict)
    plan: PlanSummary | None = None
    checks: list[Check] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    problem: PipelineError | None = None

    @property
    def exit_code(self) -> int:
        return self.problem.exit_code if self.problem else 0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as the one JSON document that --json prints."""
        plan = None
        if self.plan:
            plan = {**self.plan.counts(), "by_module": self.plan.by_module()}
        return {
            "schema_version": SCHEMA_VERSION,
            "command": self.command,
            "environment": self.environment,
            "engine": self.engine,
            "notice": self.notice,
            "ok": self.problem is None,
            "exit_code": self.exit_code,
            "stages": [
                {"name": each.name, "status": each.status, "seconds": round(each.seconds, 3), "result": each.result}
                for each in self.stages
            ],
            "release": self.release,
            "plan": plan,
            "checks": [{"name": each.name, "ok": each.ok, "result": each.result} for each in self.checks],
            "addresses": self.addresses,
            "problem": self.problem.as_dict() if self.problem else None,
        }


class Progress:
    """
    The lines of a run while it goes: one when a stage starts, one when it ends.

    Goes to stderr, so that stdout holds results only. Colours and width follow
    the terminal; NO_COLOR, FORCE_COLOR and a log that is no terminal are obeyed.
    """

    def __init__(self, report: Report, *, quiet: bool = False) -> None:
        self.report = report
        self.console = Console(file=lasting(sys.stderr), quiet=quiet, emoji=False, highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        self.console.print(escape(line))

    @contextlib.asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[Stage]:
        """Time the block as the stage NAME; a line every half minute says that it goes on."""
        stage = Stage(name)
        self.report.stages.append(stage)
        self.console.print(f"[bold]▶ {name}[/]")
        started = time.monotonic()
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
            mark, colour = MARKS[stage.status]
            self.console.print(f"[{colour}]{mark} {name}[/] {stage.seconds:.1f} s  {escape(stage.result)}")

    async def _heartbeat(self, name: str, started: float) -> None:
        while True:
            await anyio.sleep(HEARTBEAT)
            self.console.print(f"[dim]… {name} goes on, {time.monotonic() - started:.0f} s[/]")


def to_json(report: Report) -> str:
    return json.dumps(report.as_dict(), sort_keys=True, indent=2)


def show(report: Report, console: Console) -> None:
    """Print REPORT for a person: notice, stages, release, plan, checks, and as the last line how it ended."""
    if report.notice:
        console.print(f"[bold yellow]{escape(report.notice)}[/]")
    stages = Table("stage", "time", "result", box=None, pad_edge=False)
    for stage in report.stages:
        mark, colour = MARKS[stage.status]
        stages.add_row(f"[{colour}]{mark}[/] {stage.name}", f"{stage.seconds:.1f} s", escape(stage.result))
    console.print(stages)
    for name, reference in report.release.items():
        console.print(f"[bold]{name}[/] {escape(reference)}")
    if report.plan is not None:
        console.print(plan_table(report.plan))
    for check in report.checks:
        mark, colour = MARKS["done" if check.ok else "failed"]
        console.print(f"[{colour}]{mark}[/] {escape(check.name)}: {escape(check.result)}")
    for name, address in report.addresses.items():
        console.print(f"[bold]{name}[/] {escape(address)}")
    if report.problem:
        tell(report.problem, console)
    else:
        seconds = sum(stage.seconds for stage in report.stages)
        console.print(f"[bold green]{report.command} is done[/] after {seconds:.1f} s.")


def plan_table(plan: PlanSummary) -> Table | str:
    """Return PLAN by module; replacements and deletions stand out."""
    if plan.empty:
        return "Terraform: no changes."
    actions = [action for action in ACTIONS if action != "other" or plan.counts()["other"]]
    table = Table("Terraform", *actions, box=None, pad_edge=False)
    for module, counts in {**plan.by_module(), "all": plan.counts()}.items():
        loud = {action: "bold red" for action in ("replace", "delete", "other") if counts.get(action)}
        cells = [
            f"[{loud[action]}]{counts[action]}[/]" if action in loud else str(counts.get(action, 0))
            for action in actions
        ]
        table.add_row(module, *cells)
    return table


def tell(problem: PipelineError, console: Console) -> None:
    """Print PROBLEM: details first, so that the last lines are what happened and what to do next."""
    if problem.detail:
        console.print(escape(problem.detail))
    console.print(f"[bold red]✘ {escape(problem.title)}[/] [dim]({problem.code}, exit code {problem.exit_code})[/]")
    if problem.hint:
        console.print(f"→ {escape(problem.hint)}")


def _cell(text: str) -> str:
    """Return TEXT as one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def to_markdown(report: Report) -> str:
    """Return REPORT as Markdown, for $GITHUB_STEP_SUMMARY."""
    title = "done" if report.problem is None else f"failed: {report.problem.title}"
    lines = [f"## {report.command} {report.environment}: {title}", ""]
    if report.notice:
        lines += [f"> {report.notice}", ""]
    lines += ["| stage | time | result |", "| --- | --- | --- |"]
    lines += [
        f"| {each.name} ({each.status}) | {each.seconds:.1f} s | {_cell(each.result)} |" for each in report.stages
    ]
    if report.plan is not None:
        lines += ["", f"| module | {' | '.join(ACTIONS)} |", f"| --- |{' --- |' * len(ACTIONS)}"]
        for module, counts in report.plan.by_module().items():
            numbers = " | ".join(str(counts.get(each, 0)) for each in ACTIONS)
            lines.append(f"| {module} | {numbers} |")
    lines += ["", *(f"- `{reference}`" for reference in report.release.values())]
    if report.problem and report.problem.hint:
        lines += ["", f"**Next:** {report.problem.hint}"]
    return "\n".join(lines) + "\n"
