"""A run as Markdown: for $GITHUB_STEP_SUMMARY, and the plan for a pull request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ci.terraform.plan_summary import ACTIONS, LOUD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.report.model import Report
    from ci.terraform.plan_summary import Change

# GitHub takes 65,536 characters of a comment; what finds and replaces it takes some too.
COMMENT = 60_000
# A list longer than this is folded.
FOLD = 10


def _cell(text: str) -> str:
    """Return TEXT as one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def summary(report: Report) -> str:
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


def comment(report: Report) -> str:
    """
    Return the plan of REPORT for a pull request, at most COMMENT characters long.

    The first line is for machines: it tells one environment's comment from
    another's, the hash that `deploy --approved` takes, and whether something
    was cut off, in which case it is no ground for an approval.
    """
    plan = report.plan
    if plan is None:
        return _marked(report, "", summary(report), cut=False)
    counts = ", ".join(f"{number} to {action}" for action, number in plan.counts().items() if number)
    lines = [f"## Terraform plan for {report.environment}: {counts or 'no changes'}", ""]
    if loud := plan.loud():
        lines += ["> [!CAUTION]", "> This destroys or replaces:", *(f"> - {_line(each)}" for each in loud), ""]
    for action in ACTIONS:
        if action not in LOUD:
            lines += _list(action, [each for each in plan.changes if each.action == action])
    lines += _list("changed outside Terraform", plan.drifted)
    lines += ["", "| image | digest |", "| --- | --- |"]
    lines += [f"| {name} | `{reference.partition('@')[2]}` |" for name, reference in report.release.items()]
    end = ["", f"Plan `{plan.digest}`. To apply exactly this: `python ci/main.py deploy --approved {plan.digest[:12]}`"]
    text = "\n".join([*lines, *end])
    room = COMMENT - 500
    if len(text) > room:
        kept = "\n".join(lines)[:room].rpartition("\n")[0]
        closed = "\n</details>" if kept.count("<details>") > kept.count("</details>") else ""
        text = f"{kept}{closed}\n\n**Cut off: this is not all of the plan.** The run's log has it whole."
        return _marked(report, plan.digest, text, cut=True)
    return _marked(report, plan.digest, text, cut=False)


def _marked(report: Report, digest: str, text: str, *, cut: bool) -> str:
    mark = {"environment": report.environment, "hash": digest, "truncated": cut}
    return f"<!-- carepath-plan {json.dumps(mark, sort_keys=True)} -->\n{text}\n"


def _list(title: str, changes: Sequence[Change]) -> list[str]:
    if not changes:
        return []
    lines = [f"- {_line(each)}" for each in changes]
    if len(lines) > FOLD:
        return [f"<details><summary>{title}: {len(lines)}</summary>", "", *lines, "", "</details>", ""]
    return [f"**{title}**", "", *lines, ""]


def _line(change: Change) -> str:
    return f"{change.action} `{change.address}`{f' ({change.reason})' if change.reason else ''}"
