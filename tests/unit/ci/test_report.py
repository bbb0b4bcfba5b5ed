"""What people and machines read of a run: text, JSON, Markdown."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from ci import errors
from ci.errors import PipelineError
from ci.report import Report, Stage, show, tell, to_json, to_markdown
from ci.stages.smoke import Check
from ci.terraform import summarise
from tests.unit.ci.scripted import plan_json

KINDS = [
    getattr(errors, name)
    for name in dir(errors)
    if isinstance(getattr(errors, name), type) and issubclass(getattr(errors, name), PipelineError)
]


def done() -> Report:
    """Make the report of a rehearsal that went well."""
    return Report(
        "rehearse",
        "demo",
        engine="host",
        notice="REHEARSAL: nothing real was created.",
        stages=[Stage("build", seconds=1.25, result="db-api built"), Stage("check", "unchanged", 0.1)],
        release={"db-api": "localhost:5000/carepath-db-api@sha256:12"},
        plan=summarise(plan_json(("module.app.a.b", "create"), ("module.app.a.c", "delete+create"))),
        checks=[Check("chat-api /health", ok=True, result="ok")],
        addresses={"chat-api": "http://127.0.0.1:8002"},
    )


def failed(problem: PipelineError) -> Report:
    report = done()
    report.stages.append(Stage("smoke", "failed", 3.0))
    report.problem = problem
    return report


def text(report: Report, *, terminal: bool = False) -> str:
    screen = io.StringIO()
    show(report, Console(file=screen, force_terminal=terminal, highlight=False, soft_wrap=True))
    return screen.getvalue()


def test_the_last_lines_of_a_failure_are_what_happened_and_what_to_do() -> None:
    """Nobody scrolls up for the cause: details come first."""
    problem = errors.SmokeFailed("It does not answer.", code="smoke_failed", detail="HTTP 500", hint="Go back.")

    lines = text(failed(problem)).splitlines()

    assert "HTTP 500" in lines[-3]
    assert "It does not answer." in lines[-2]
    assert "smoke_failed, exit code 9" in lines[-2]
    assert "Go back." in lines[-1]


def test_notice_is_the_first_line() -> None:
    """A rehearsal says before all else that nothing real was created."""
    assert text(done()).strip().splitlines()[0] == "REHEARSAL: nothing real was created."
    assert to_markdown(done()).splitlines()[2] == "> REHEARSAL: nothing real was created."


def test_text_tells_all_of_a_run() -> None:
    """Stages with their times, the digests, the plan by module, the smoke results and the addresses are there."""
    shown = text(done())

    for told in ("build", "1.2 s", "db-api built", "@sha256:12", "module.app", "/health: ok", "http://127.0.0.1:8002"):
        assert told in shown
    assert "rehearse is done after 1.4 s." in shown.splitlines()[-1]


def test_no_color_is_obeyed_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves no colour in the text, nothing else does where there is no terminal."""
    problem = errors.TerraformFailed("No.", code="terraform_apply_failed")
    assert "\x1b[31m" in text(failed(problem), terminal=True) or "\x1b[1;31m" in text(failed(problem), terminal=True)

    monkeypatch.setenv("NO_COLOR", "1")
    coloured = [f"\x1b[{style}{colour}m" for style in ("", "1;", "2;") for colour in range(30, 50)]

    assert not [code for code in coloured if code in text(failed(problem), terminal=True)]
    assert "\x1b" not in text(failed(problem))


def test_what_a_program_said_is_no_markup() -> None:
    """Terraform's and pytest's lines are text, square brackets and all."""
    words = "assert [red] == [/red] [link=x]"
    report = failed(errors.CheckFailed(words, code="tests_failed", detail=words, hint=words))
    report.stages[-1].result = words
    report.checks.append(Check(words, ok=False, result=words))

    assert text(report).count(words) == 6


def test_a_line_is_not_wrapped() -> None:
    """A digest or a path in a log can be searched for, however narrow the log is."""
    screen = io.StringIO()
    title = "x" * 300

    tell(PipelineError(title, code="bug"), Console(file=screen, width=80, soft_wrap=True))

    assert title in screen.getvalue()


def test_json_of_a_success() -> None:
    """--json is one document that says all that the text says, by stable names."""
    document = json.loads(to_json(done()))

    assert document["schema_version"] == 1
    assert (document["ok"], document["exit_code"], document["problem"]) == (True, 0, None)
    assert document["stages"][0] == {"name": "build", "status": "done", "seconds": 1.25, "result": "db-api built"}
    assert document["release"] == {"db-api": "localhost:5000/carepath-db-api@sha256:12"}
    assert document["plan"] == {
        "create": 1,
        "update": 0,
        "replace": 1,
        "delete": 0,
        "other": 0,
        "by_module": {"module.app": {"create": 1, "replace": 1}},
    }
    assert document["checks"] == [{"name": "chat-api /health", "ok": True, "result": "ok"}]
    assert document["addresses"] == {"chat-api": "http://127.0.0.1:8002"}


@pytest.mark.parametrize("kind", KINDS)
def test_json_of_a_failure(kind: type[PipelineError]) -> None:
    """Every kind of failure gives its exit code, its code, and what to do next."""
    document = json.loads(to_json(failed(kind("It failed.", code="why", detail="a\nb", hint="Mend it."))))

    assert (document["ok"], document["exit_code"]) == (False, kind.exit_code)
    assert document["problem"] == {"code": "why", "title": "It failed.", "detail": "a\nb", "hint": "Mend it."}
    assert document["stages"][-1]["status"] == "failed"


def test_markdown_tells_stages_plan_and_images() -> None:
    """The summary of a GitHub run holds both tables and the references."""
    lines = to_markdown(done()).splitlines()

    assert lines[0] == "## rehearse demo: done"
    assert "| build (done) | 1.2 s | db-api built |" in lines
    assert any(line.startswith("| module.app | 1 | 0 | 1 | 0 |") for line in lines)
    assert "- `localhost:5000/carepath-db-api@sha256:12`" in lines


def test_markdown_of_a_failure_says_what_to_do() -> None:
    """The failure is in the heading, the next step at the end."""
    markdown = to_markdown(failed(errors.PlanStale("It is stale.", code="plan_stale", hint="Plan again.")))

    assert markdown.splitlines()[0] == "## rehearse demo: failed: It is stale."
    assert markdown.rstrip().endswith("**Next:** Plan again.")


def test_markdown_table_survives_what_a_stage_says() -> None:
    """A bar or a line break in a result does not break the table."""
    report = Report("check", "demo", stages=[Stage("check", result="db-api: a | b\nc")])

    row = next(line for line in to_markdown(report).splitlines() if line.startswith("| check"))

    assert row.replace("\\|", "").count("|") == 4
    assert row.endswith("|")
