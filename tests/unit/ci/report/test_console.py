"""The plan as people see it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from ci.report import markdown
from ci.report.console import plan_lines, show
from ci.report.model import Report, Stage
from ci.stages.smoke import Check
from ci.terraform.plan_summary import summarise
from tests.unit.ci.scripted import plan_json

if TYPE_CHECKING:
    from ci.terraform.plan_summary import PlanSummary

DIGEST = "sha256:" + "ab" * 32


def rows(plan: PlanSummary, *, terminal: bool = False) -> list[str]:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, color_system="standard" if terminal else None, width=200)
    for line in plan_lines(plan):
        console.print(line, highlight=False)
    return screen.getvalue().splitlines()


def test_replacements_and_deletions_stand_out() -> None:
    """What destroys something is seen at a glance."""
    plan = summarise(plan_json(("module.app.a.b", "create"), ("module.mongo.a.c", "delete")))

    create, delete = rows(plan, terminal=True)

    assert "\x1b[1;31m" not in create
    assert "\x1b[1;31m1 to delete" in delete


def test_an_action_that_is_not_known_is_not_lost() -> None:
    """A plan that only forgets a resource is not shown as a plan of nothing."""
    plan = summarise(plan_json(("module.app.a.b", "forget")))

    assert rows(plan) == ["Terraform: 1 to other (app 1)"]
    assert any(
        "1" in row for row in markdown.summary(Report("plan", "demo", plan=plan)).splitlines() if "module" in row
    )


def test_empty_plan_is_one_sentence() -> None:
    """Nothing to do is said in words; so is a plan that changes outputs and no resource."""
    assert rows(summarise("{}")) == ["Terraform: no changes."]
    assert rows(summarise(plan_json(outputs=("update",)))) == ["Terraform: outputs change, and nothing else."]


def test_each_action_has_a_line_by_module() -> None:
    """How many, and where."""
    plan = summarise(plan_json(("module.app.a.b", "create"), ("module.app.a.c", "update"), ("a.b", "create")))

    assert rows(plan) == ["Terraform: 2 to create (app 1, root 1)", "Terraform: 1 to update (app 1)"]


def test_longest_report_fits_a_screen() -> None:
    """A first rehearsal in containers, with all of its stages and modules, has 24 lines of 80 columns at most."""
    modules = ("app", "ecr", "eks", "mongo_atlas", "network")
    names = (
        *("stand-ins", "bootstrap", "init", "plan", "apply", "build", "check", "publish"),
        *("plan", "verify", "apply", "services", "smoke"),
    )
    report = Report(
        "rehearse",
        "demo",
        notice="REHEARSAL: nothing real was created. AWS, Atlas and Kubernetes are stand-ins on this machine.",
        stages=[Stage(name, seconds=100.0, result="what it did " * 20) for name in names],
        release={name: f"localhost:44601/carepath-{name}@{DIGEST}" for name in ("db-api", "chat-api")},
        plan=summarise(plan_json(*((f"module.{each}.a.b", "create") for each in modules))),
        checks=[Check(f"question {number}", ok=True, result="as it should be") for number in range(4)],
        addresses={"chat-api": "http://127.0.0.1:12345", "db-api": "http://127.0.0.1:12346"},
    )
    screen = io.StringIO()

    show(report, Console(file=screen, width=80))

    lines = screen.getvalue().splitlines()
    assert len(lines) <= 24
    assert DIGEST in screen.getvalue()
    told = {line.split()[1] for line in lines if line.startswith("✔")}
    assert told == set(names)
    assert all(" 100.0 s " in line for line in lines if line.startswith("✔"))
