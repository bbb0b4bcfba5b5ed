"""What a person sees at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from ci.report.model import MARKS
from ci.services import SERVICES
from ci.terraform.plan_summary import LOUD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ci.aws.release_history import Recorded
    from ci.errors import PipelineError
    from ci.report.model import Report, Stage
    from ci.terraform.plan_summary import Change, PlanSummary


def show(report: Report, console: Console) -> None:
    """
    Print REPORT for a person: notice, stages, images, plan, and as the last line how it ended.

    At most 24 lines of 80 columns where all went well. What answered rightly
    is not listed: the stage says how many did.
    """
    if report.notice:
        console.print(f"[bold yellow]{escape(report.notice)}[/]")
    if report.stages:
        console.print(_stages(report.stages))
    for name, reference in report.release.items():
        console.print(f"[bold]{name}[/] {escape(reference.partition('@')[2] or reference)}")
    if report.plan is not None:
        _show_plan(report.plan, console)
    if report.releases is not None:
        console.print(releases_table(report.releases))
    for name, found in {**(report.status or {}), **report.addresses}.items():
        console.print(f"[bold]{name}[/] {escape(found)}")
    for check in (each for each in report.checks if not each.ok):
        console.print(f"[red]✘[/] {escape(check.name)}: {escape(check.result)}")
    _end(report, console)


def _end(report: Report, console: Console) -> None:
    if report.problem:
        if report.log:
            console.print(f"[dim]log {escape(report.log)}[/]")
        tell(report.problem, console)
    else:
        seconds = sum(stage.seconds for stage in report.stages)
        console.print(f"[bold green]{report.command} is done[/] after {seconds:.1f} s.")


def _stages(stages: Sequence[Stage]) -> Table:
    table = Table(box=None, pad_edge=False)
    # Names and times are never cut: what is too wide for the screen is the result.
    table.add_column("stage", no_wrap=True, min_width=max(len(each.name) for each in stages) + 2)
    table.add_column("time", no_wrap=True, min_width=max(len(f"{each.seconds:.1f} s") for each in stages))
    # Whole in the lines above it and in --json; here a stage has one line.
    table.add_column("result", no_wrap=True, overflow="ellipsis")
    for stage in stages:
        mark, colour = MARKS[stage.status]
        table.add_row(f"[{colour}]{mark}[/] {stage.name}", f"{stage.seconds:.1f} s", escape(stage.result))
    return table


def _show_plan(plan: PlanSummary, console: Console) -> None:
    for line in plan_lines(plan):
        console.print(line)
    for title, changes in (("", plan.loud()), ("changed outside Terraform: ", plan.drifted)):
        for line in _listed(changes, title):
            console.print(f"[bold red]{escape(line)}[/]")
    if not plan.empty:
        console.print(f"[bold]plan[/] {plan.digest}")


def plan_lines(plan: PlanSummary) -> list[str]:
    """Return a line for each action of PLAN, by module; replacements and deletions stand out."""
    if plan.empty:
        return ["Terraform: no changes."]
    lines = []
    for action, number in plan.counts().items():
        modules = [
            f"{module.removeprefix('module.')} {counts[action]}"
            for module, counts in plan.by_module().items()
            if counts.get(action)
        ]
        if number:
            line = f"{number} to {action}"
            told = f"[bold red]{line}[/]" if action in LOUD else f"[bold]{line}[/]"
            lines.append(f"Terraform: {told} ({escape(', '.join(modules))})")
    return lines or ["Terraform: outputs change, and nothing else."]


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
