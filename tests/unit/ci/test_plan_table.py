"""The plan as people see it."""

from __future__ import annotations

import io

from rich.console import Console

from ci import markdown
from ci.report import Report, plan_table
from ci.summary import PlanSummary, summarise
from tests.unit.ci.scripted import plan_json


def rows(plan: PlanSummary, *, terminal: bool = False) -> list[str]:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, color_system="standard" if terminal else None)
    console.print(plan_table(plan))
    return screen.getvalue().splitlines()


def test_replacements_and_deletions_stand_out() -> None:
    """What destroys something is seen at a glance."""
    plan = summarise(plan_json(("module.app.a.b", "create"), ("module.mongo.a.c", "delete")))

    app, mongo, total = rows(plan, terminal=True)[1:]

    assert "\x1b" not in app
    assert "\x1b[1;31m1" in mongo
    assert "\x1b[1;31m1" in total


def test_an_action_without_a_column_is_not_lost() -> None:
    """A plan that only forgets a resource is not shown as a plan of noughts."""
    plan = summarise(plan_json(("module.app.a.b", "forget")))

    assert any("1" in row for row in rows(plan))
    assert any(
        "1" in row for row in markdown.summary(Report("plan", "demo", plan=plan)).splitlines() if "module" in row
    )


def test_empty_plan_is_one_sentence() -> None:
    """Nothing to do is said in words, not by an empty table."""
    assert rows(summarise("{}")) == ["Terraform: no changes."]


def test_the_total_is_the_last_row() -> None:
    """Every module has its row, and the last one counts them all."""
    plan = summarise(plan_json(("module.app.a.b", "create"), ("module.app.a.c", "update"), ("a.b", "create")))

    assert [row.split()[:5] for row in rows(plan)] == [
        ["Terraform", "create", "update", "replace", "delete"],
        ["module.app", "1", "1", "0", "0"],
        ["root", "1", "0", "0", "0"],
        ["all", "2", "1", "0", "0"],
    ]
