"""A run as Markdown: GitHub's summary of it, and the comment that a plan is approved by."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ci import errors
from ci.report.markdown import COMMENT, FOLD, comment, summary
from ci.report.model import Report, Stage
from ci.terraform.plan_summary import summarise
from tests.unit.ci.scripted import plan_json

RELEASE = {"db-api": f"r/carepath-db-api@sha256:{'d' * 64}", "chat-api": f"r/carepath-chat-api@sha256:{'c' * 64}"}
MIXED = plan_json(
    ("module.app.a.made", "create"),
    ("module.app.a.changed", "update"),
    ("module.eks.a.turned", "delete+create"),
    ("module.ecr.a.gone", "delete"),
    ("module.ecr.a.odd", "forget"),
)


def planned(document: str) -> Report:
    return Report("plan", "demo", release=RELEASE, plan=summarise(document))


def many(number: int, action: str) -> Report:
    return planned(
        plan_json(*((f"module.app.kubernetes_config_map_v1.number_{each}", action) for each in range(number)))
    )


def mark(text: str) -> dict[str, Any]:
    """Return what the first line tells machines."""
    found = re.fullmatch(r"<!-- carepath-plan (.+) -->", text.splitlines()[0])
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def balanced(text: str) -> bool:
    return text.count("<details>") == text.count("</details>")


# The comment.


@pytest.mark.parametrize(
    ("number", "action"),
    [
        (1300, "delete+create"),
        *(
            pytest.param(number, action, marks=pytest.mark.slow)
            for number in (1200, 1300, 5000)
            for action in ("create", "update", "delete", "delete+create", "forget")
            if (number, action) != (1300, "delete+create")
        ),
    ],
)
def test_comment_that_is_too_long_is_cut_and_says_so(number: int, action: str) -> None:
    """GitHub would refuse it; what is left is whole Markdown, and no ground for an approval."""
    text = comment(many(number, action))

    assert len(text) <= COMMENT
    assert mark(text)["truncated"] is True
    assert balanced(text)
    assert "not all of the plan" in text
    assert "--approved" not in text


@pytest.mark.parametrize("length", range(-2, 3))
def test_comment_is_whole_up_to_its_limit(length: int) -> None:
    """Nothing is lost at the edge: either all is there, or the cut is told."""
    base = len(comment(many(500, "create")))
    report = many(500, "create")
    report.release = {**RELEASE, "x": f"@{'y' * (COMMENT - 500 - base + 100 + length * 60)}"}

    text = comment(report)

    assert len(text) <= COMMENT
    assert mark(text)["truncated"] is ("--approved" not in text)


def test_destroyed_things_come_first() -> None:
    """The caution stands before every list, and names what is destroyed, replaced or done the unknown to."""
    text = comment(planned(MIXED))
    caution, _, rest = text.partition("> [!CAUTION]")[2].partition("\n\n")

    assert text.index("[!CAUTION]") < text.index("**create**") < text.index("**update**")
    for address in ("module.eks.a.turned", "module.ecr.a.gone", "module.ecr.a.odd"):
        assert f"`{address}`" in caution
    for address in ("module.app.a.made", "module.app.a.changed"):
        assert f"`{address}`" in rest


def test_harmless_plan_has_no_caution() -> None:
    """What warns always warns never."""
    text = comment(planned(plan_json(("module.app.a.b", "create"))))

    assert "CAUTION" not in text
    assert text.splitlines()[1] == "## Terraform plan for demo: 1 to create"


def test_long_lists_are_folded() -> None:
    """A list that would fill the page opens when it is asked to; a short one stands open."""
    short, long = comment(many(FOLD, "create")), comment(many(FOLD + 1, "create"))

    assert "<details>" not in short
    assert f"<details><summary>create: {FOLD + 1}</summary>\n\n- create `" in long
    assert balanced(long)


def test_comment_tells_machines_what_it_is() -> None:
    """Which environment, which hash, and that it is whole."""
    report = planned(MIXED)
    assert report.plan

    assert mark(comment(report)) == {"environment": "demo", "hash": report.plan.digest, "truncated": False}
    assert report.plan.digest in comment(report).splitlines()[-1]
    assert f"deploy --approved {report.plan.digest[:12]}`" in comment(report)


def test_comment_names_the_images() -> None:
    """By digest: that is what runs."""
    lines = comment(planned(MIXED)).splitlines()

    for name, reference in RELEASE.items():
        assert f"| {name} | `{reference.partition('@')[2]}` |" in lines


def test_comment_tells_of_drift() -> None:
    """What somebody changed outside Terraform is reviewed too."""
    document = json.loads(MIXED)
    document["resource_drift"] = json.loads(plan_json(("module.eks.aws_eks_addon.this", "delete")))["resource_changes"]

    assert "**changed outside Terraform**\n\n- delete `module.eks.aws_eks_addon.this`" in comment(
        planned(json.dumps(document))
    )


def test_comment_holds_no_value() -> None:
    """Neither secret nor plain: addresses, actions and reasons alone."""
    document = json.loads(MIXED)
    for each in document["resource_changes"]:
        each["change"] |= {"before": {"x": "planted-1"}, "after": {"x": "planted-2"}}
    document["variables"] = {"x": {"value": "planted-3"}}
    document["output_changes"] = {"x": {"actions": ["update"], "before": "planted-4", "after": "planted-5"}}

    assert "planted" not in comment(planned(json.dumps(document))) + summary(planned(json.dumps(document)))


def test_empty_plan_is_told() -> None:
    """Nothing to do is an answer, and it has a hash too."""
    text = comment(planned("{}"))

    assert text.splitlines()[1] == "## Terraform plan for demo: no changes"
    assert mark(text)["truncated"] is False


def test_comment_without_a_plan_is_the_run() -> None:
    """Where no plan could be made the comment says why, and stands for no hash."""
    report = Report("plan", "demo", problem=errors.StateLocked("Locked by ada.", code="state_locked", hint="Wait."))

    text = comment(report)

    assert mark(text)["hash"] == ""
    assert "Locked by ada." in text


# The summary.


def done() -> Report:
    """Make the report of a rehearsal that went well."""
    return Report(
        "rehearse",
        "demo",
        notice="REHEARSAL: nothing real was created.",
        stages=[Stage("build", seconds=1.25, result="db-api built"), Stage("check", "unchanged", 0.1)],
        release={"db-api": "localhost:5000/carepath-db-api@sha256:12"},
        plan=summarise(plan_json(("module.app.a.b", "create"), ("module.app.a.c", "delete+create"))),
    )


def test_notice_comes_before_the_tables() -> None:
    """A rehearsal says before all else that nothing real was created."""
    assert summary(done()).splitlines()[2] == "> REHEARSAL: nothing real was created."


def test_markdown_tells_stages_plan_and_images() -> None:
    """The summary of a GitHub run holds both tables and the references."""
    lines = summary(done()).splitlines()

    assert lines[0] == "## rehearse demo: done"
    assert "| build (done) | 1.2 s | db-api built |" in lines
    assert any(line.startswith("| module.app | 1 | 0 | 1 | 0 |") for line in lines)
    assert "- `localhost:5000/carepath-db-api@sha256:12`" in lines


def test_markdown_of_a_failure_says_what_to_do() -> None:
    """The failure is in the heading, the next step at the end."""
    report = done()
    report.problem = errors.PlanStale("It is stale.", code="plan_stale", hint="Plan again.")

    text = summary(report)

    assert text.splitlines()[0] == "## rehearse demo: failed: It is stale."
    assert text.rstrip().endswith("**Next:** Plan again.")


def test_markdown_table_survives_what_a_stage_says() -> None:
    """A bar or a line break in a result does not break the table."""
    report = Report("check", "demo", stages=[Stage("check", result="db-api: a | b\nc")])

    row = next(line for line in summary(report).splitlines() if line.startswith("| check"))

    assert row.replace("\\|", "").count("|") == 4
    assert row.endswith("|")
