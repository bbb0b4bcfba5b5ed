"""The workflow's comment and issue: one of each, and nobody else's is touched."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from ci.report.github import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAN = '<!-- carepath-plan {"environment": "demo", "hash": "1", "truncated": false} -->\nnew\n'


@dataclass
class Api:
    """GitHub's API, with what it holds and what it was asked; ANSWER is its status."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    answer: int = 200

    @property
    def written(self) -> list[tuple[str, str]]:
        return [(verb, path) for verb, path, _ in self.asked if verb != "GET"]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Api]:
    """Serve GitHub's API, and be the step of a pull request's workflow."""
    found = Api()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            path, _, query = self.path.partition("?")
            found.asked.append((self.command, path, body))
            found.tokens.add(self.headers["Authorization"])
            held = found.comments if path.endswith("/comments") else found.issues
            page = int(query.rpartition("page=")[2] or 1)
            reply = held[(page - 1) * 100 : page * 100] if self.command == "GET" else {"html_url": f"at {path}"}
            content = json.dumps(reply).encode()
            self.send_response(found.answer)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _do  # noqa: N815 - the base class calls these names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    event = tmp_path / "event.json"
    event.write_text('{"pull_request": {"number": 7}}')
    for name, value in {
        "TOKEN": "planted-token",
        "REPOSITORY": "team/carepath",
        "API_URL": f"http://127.0.0.1:{server.server_port}",
        "EVENT_PATH": str(event),
        "RUN_ID": "99",
    }.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "plan.md"
    path.write_text(PLAN)
    return str(path)


def comment(number: int, body: str, kind: str = "Bot") -> dict[str, Any]:
    return {"id": number, "body": body, "user": {"type": kind}}


def test_outside_a_workflow_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names what is missing, with code 3 and no traceback."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "team/carepath")

    assert main(["open"]) == 3
    assert "GITHUB_TOKEN" in capsys.readouterr().err


def test_run_of_no_pull_request_has_no_place_for_a_comment(api: Api, plan: str, tmp_path: Path) -> None:
    """It is told, and nothing is written anywhere."""
    (tmp_path / "event.json").write_text("{}")

    assert main(["comment", plan]) == 3
    assert api.written == []


def test_missing_file_is_told(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan that was not written is no empty comment."""
    assert main(["comment", "/nowhere/plan.md"]) == 3
    assert "could not be read" in capsys.readouterr().err
    assert api.written == []


def test_refusal_is_told_without_the_token(api: Api, plan: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A job without the permission learns which one it lacks."""
    api.answer = 403

    assert main(["comment", plan]) == 3
    told = capsys.readouterr().err
    assert "403" in told
    assert "pull-requests: write" in told
    assert "planted-token" not in told


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("nothing of ours", id="other"),
        pytest.param(PLAN.replace("demo", "prod"), id="other-environment"),
        pytest.param("<!-- carepath-plan nonsense -->", id="damaged"),
    ],
)
def test_comments_of_others_stay(api: Api, plan: str, body: str) -> None:
    """Another tool's, another environment's, and one that only looks like ours."""
    api.comments = [comment(1, body), comment(2, PLAN, kind="User")]

    assert main(["comment", plan]) == 0
    assert api.written == [("POST", "/repos/team/carepath/issues/7/comments")]


def test_plan_replaces_the_plan_before(api: Api, plan: str) -> None:
    """One comment, found by its first line on whichever page; its hash may have changed."""
    api.comments = [*(comment(number, "talk") for number in range(150)), comment(4711, PLAN.replace('"1"', '"0"'))]

    assert main(["comment", plan]) == 0
    assert api.written == [("PATCH", "/repos/team/carepath/issues/comments/4711")]
    assert api.asked[-1][2] == {"body": PLAN}
    assert api.tokens == {"Bearer planted-token"}


def test_first_drift_opens_an_issue(api: Api) -> None:
    """With its label, by which it is found, and the run's address."""
    assert main(["open"]) == 0

    ((_, path, body),) = [each for each in api.asked if each[0] == "POST"]
    assert (path, body["labels"]) == ("/repos/team/carepath/issues", ["drift"])
    assert "https://github.com/team/carepath/actions/runs/99" in body["body"]


def test_second_drift_says_so_in_the_same_issue(api: Api) -> None:
    """Nobody wants one a night."""
    api.issues = [{"number": 3, "html_url": "x"}]

    assert main(["open"]) == 0
    assert api.written == [("POST", "/repos/team/carepath/issues/3/comments")]


def test_clean_night_closes_it(api: Api) -> None:
    """And says which run found it clean."""
    api.issues = [{"number": 3, "html_url": "x"}]

    assert main(["close"]) == 0
    assert api.written == [
        ("POST", "/repos/team/carepath/issues/3/comments"),
        ("PATCH", "/repos/team/carepath/issues/3"),
    ]
    assert api.asked[-1][2] == {"state": "closed"}


def test_clean_night_after_a_clean_night_writes_nothing(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to close."""
    assert main(["close"]) == 0
    assert api.written == []
    assert capsys.readouterr().out == "nothing to do\n"
