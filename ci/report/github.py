"""
What a workflow does besides running the pipeline: one comment with the plan, one issue while the cloud has drifted.

`python -m ci.report.github comment FILE`, `python -m ci.report.github open`, `python -m ci.report.github close`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import httpx
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ci.errors import NotReady, PipelineError
from ci.tls import tls_context

LABEL = "drift"
TITLE = "The cloud is not as the state says"
PAGE = 100
TIMEOUT = 30.0


class Workflow(BaseSettings):
    """What GitHub tells a workflow's step of itself."""

    model_config = SettingsConfigDict(env_prefix="GITHUB_", extra="ignore", frozen=True)

    token: SecretStr = Field(min_length=1)
    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    api_url: str = "https://api.github.com"
    server_url: str = "https://github.com"
    run_id: str = ""
    event_path: Path = Path()

    @property
    def run(self) -> str:
        """The address of this run."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"


class Github:
    """The repository of WORKFLOW, over GitHub's API; raises NotReady when it does not do as it is asked."""

    def __init__(self, workflow: Workflow, client: httpx.Client) -> None:
        self._workflow = workflow
        self._client = client

    def _ask(self, verb: str, path: str, **body: Any) -> Any:
        try:
            reply = self._client.request(verb, f"/repos/{self._workflow.repository}/{path}", json=body or None)
            reply.raise_for_status()
        except httpx.HTTPStatusError as error:
            title = f"GitHub refused {verb} {path.partition('?')[0]}: {error.response.status_code}."
            hint = "The job's permissions must have issues: write or pull-requests: write."
            raise NotReady(title, code="github_refused", hint=hint) from None
        except httpx.HTTPError as error:
            title = f"GitHub could not be asked: {type(error).__name__}."
            raise NotReady(title, code="github_unreachable", hint="Run the job again.") from None
        return reply.json()

    def _all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            more = self._ask("GET", f"{path}{'&' if '?' in path else '?'}per_page={PAGE}&page={page}")
            found += more
            if len(more) < PAGE:
                return found
            page += 1

    def comment(self, number: int, body: str) -> str:
        """Put BODY into the pull request NUMBER, in place of what an earlier run put there; return its address."""
        mark = _mark(body)
        for each in self._all(f"issues/{number}/comments"):
            # Anybody may write the mark; only a workflow's own comment is written over.
            if each["user"]["type"] == "Bot" and _mark(each["body"] or "") == mark:
                return str(self._ask("PATCH", f"issues/comments/{each['id']}", body=body)["html_url"])
        return str(self._ask("POST", f"issues/{number}/comments", body=body)["html_url"])

    def open_issue(self) -> str:
        """Open the one issue, or say in it that it still is so; return its address."""
        text = f"The nightly look found a difference, or could not look: {self._workflow.run}"
        for each in self._all(f"issues?state=open&labels={LABEL}"):
            self._ask("POST", f"issues/{each['number']}/comments", body=text)
            return str(each["html_url"])
        hint = "Deploy to set it right, or bring the change into infra/terraform. A night without one closes this."
        return str(self._ask("POST", "issues", title=TITLE, body=f"{text}\n\n{hint}", labels=[LABEL])["html_url"])

    def close_issue(self) -> str:
        """Close what `open_issue` opened; return its address, or nothing when none is open."""
        closed = ""
        for each in self._all(f"issues?state=open&labels={LABEL}"):
            text = f"The cloud is as the state says again: {self._workflow.run}"
            self._ask("POST", f"issues/{each['number']}/comments", body=text)
            closed = str(self._ask("PATCH", f"issues/{each['number']}", state="closed")["html_url"])
        return closed


def _mark(body: str) -> tuple[str, str]:
    """Return what kind of comment BODY is and of which environment, as its first line says."""
    first = body.partition("\n")[0].strip()
    kind, _, told = first.removeprefix("<!-- ").removesuffix(" -->").partition(" ")
    try:
        return kind, str(json.loads(told)["environment"])
    except (ValueError, KeyError, TypeError):
        return "", first


def _number(workflow: Workflow) -> int:
    try:
        return int(json.loads(workflow.event_path.read_text())["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        title = "This run is not a pull request's, so there is nowhere to put a comment."
        raise NotReady(title, code="no_pull_request", hint="Run it on: pull_request.") from None


def _do(arguments: argparse.Namespace) -> str:
    try:
        workflow = Workflow.model_validate({})
    except ValidationError as error:
        names = ", ".join(f"GITHUB_{str(each['loc'][0]).upper()}" for each in error.errors())
        title = f"Not all that a workflow is told is there: {names}."
        raise NotReady(title, code="not_in_a_workflow", hint="Set GITHUB_TOKEN in the step's env.") from None
    headers = {
        "Authorization": f"Bearer {workflow.token.get_secret_value()}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    with httpx.Client(base_url=workflow.api_url, headers=headers, timeout=TIMEOUT, verify=tls_context()) as client:
        github = Github(workflow, client)
        if arguments.verb == "comment":
            return github.comment(_number(workflow), Path(arguments.file).read_text(encoding="utf-8"))
        return github.open_issue() if arguments.verb == "open" else github.close_issue()


def main(arguments: list[str]) -> int:
    """Do what ARGUMENTS say, print the address of what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ci.report.github")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("comment").add_argument("file")
    verbs.add_parser("open")
    verbs.add_parser("close")
    try:
        sys.stdout.write(f"{_do(parser.parse_args(arguments)) or 'nothing to do'}\n")
    except PipelineError as error:
        sys.stderr.write(f"{error.title} ({error.code}, exit code {error.exit_code})\n→ {error.hint}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"The file could not be read: {error.strerror}.\n")
        return NotReady.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
