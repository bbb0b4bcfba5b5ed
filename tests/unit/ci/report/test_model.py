"""What people and machines read of a run: text, JSON, Markdown."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from ci import errors
from ci.aws.release_history import SHOWN, Recorded
from ci.errors import PipelineError
from ci.report.console import show, tell
from ci.report.model import Report, Stage, to_json
from ci.stages.smoke import Check
from ci.terraform.plan_summary import summarise
from tests.unit.ci.scripted import plan_json

PLAN = summarise(plan_json(("module.app.a.b", "create"), ("module.app.a.c", "delete+create")))
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
        plan=PLAN,
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


def test_text_tells_all_of_a_run() -> None:
    """Stages with their times, the digests, the plan by module and the addresses are there; what answers is counted."""
    shown = text(done())

    for told in ("build", "1.2 s", "db-api built", "sha256:12", "1 to create (app 1)", "http://127.0.0.1:8002"):
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
        "changes": [
            {"address": "module.app.a.b", "action": "create", "reason": ""},
            {"address": "module.app.a.c", "action": "replace", "reason": ""},
        ],
        "drifted": [],
        "hash": PLAN.digest,
    }
    assert "releases" not in document
    assert "status" not in document
    assert document["checks"] == [{"name": "chat-api /health", "ok": True, "result": "ok"}]
    assert document["addresses"] == {"chat-api": "http://127.0.0.1:8002"}


@pytest.mark.parametrize("kind", KINDS)
def test_json_of_a_failure(kind: type[PipelineError]) -> None:
    """Every kind of failure gives its exit code, its code, and what to do next."""
    document = json.loads(to_json(failed(kind("It failed.", code="why", detail="a\nb", hint="Mend it."))))

    assert (document["ok"], document["exit_code"]) == (False, kind.exit_code)
    assert document["problem"] == {"code": "why", "title": "It failed.", "detail": "a\nb", "hint": "Mend it."}
    assert document["stages"][-1]["status"] == "failed"


def test_json_of_what_was_found() -> None:
    """A run that found something says so by its exit code, and that nothing went wrong."""
    document = json.loads(to_json(Report("drift", "demo", found=errors.DRIFTED)))

    assert (document["ok"], document["exit_code"], document["problem"]) == (True, 2, None)


def test_failure_outweighs_what_was_found() -> None:
    """The exit code of a run that failed is never taken for an answer."""
    report = Report("plan", "demo", found=errors.CHANGES_PENDING, problem=errors.StateLocked("Locked.", code="l"))

    assert report.exit_code == 7


def test_what_destroys_and_what_drifted_is_named() -> None:
    """The addresses stand below the table, with Terraform's reason; the hash stands there whole."""
    document = json.loads(plan_json(("module.a.b.c", "delete+create"), ("module.a.b.d", "create")))
    document["resource_changes"][0]["action_reason"] = "replace_because_tainted"
    document["resource_drift"] = json.loads(plan_json(("module.e.f.g", "delete")))["resource_changes"]
    plan = summarise(json.dumps(document))

    lines = text(Report("plan", "demo", plan=plan)).splitlines()

    assert "replace module.a.b.c (replace_because_tainted)" in lines
    assert "changed outside Terraform: delete module.e.f.g" in lines
    assert f"plan {plan.digest}" in lines
    assert not [line for line in lines if "module.a.b.d" in line]


def test_long_list_leaves_room_on_the_screen() -> None:
    """Of many addresses a screen shows some and says how many more there are; all are in the JSON."""
    plan = summarise(plan_json(*((f"module.a.b.c{place}", "delete") for place in range(40))))
    report = Report("plan", "demo", stages=[Stage(name) for name in ("init", "plan")], plan=plan)

    lines = text(report).splitlines()

    assert "and 35 more" in lines
    assert len(lines) <= 24
    assert len(report.as_dict()["plan"]["changes"]) == 40


def test_releases_are_a_line_each() -> None:
    """When, which kind, from which commit, which digests, by whom; the name, which `--to` takes, is never cut."""
    images = {"db_api": f"r@sha256:{'d' * 64}", "chat_api": f"r@sha256:{'c' * 64}"}
    name = "2026-01-01T000000Z-0123abcd"
    who = "somebody@a-very-long-name-of-a-runner"
    deploy = Recorded(name, "2026-01-01T00:00:00Z", who, "0123456789ab", images)
    back = Recorded(name, "2026-01-01T00:00:00Z", "ada (https://github.com/x)", "", images, "rollback", name)
    other = Recorded(name, "2026-01-01T00:00:00Z", "[red]", "", {})

    lines = text(Report("releases", "demo", releases=[deploy, back, other, *[deploy] * (SHOWN - 3)])).splitlines()

    assert lines[1].split()[:5] == [name, "deploy", "0123456", "d" * 8, "c" * 8]
    assert lines[2].split() == [name, "rollback", "d" * 8, "c" * 8, "ada"]
    assert lines[3].split() == [name, "deploy", "[red]"]
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_no_release_yet_is_told() -> None:
    """An empty table says nothing; a sentence says how one comes to be."""
    assert text(Report("releases", "demo", releases=[])).startswith("No release has been recorded yet")


def test_status_is_a_line_for_each_row() -> None:
    """What is found is printed as it is, below no empty table."""
    lines = text(Report("status", "demo", status={"lock": "free [x]"})).splitlines()

    assert lines[0] == "lock free [x]"
