"""Requests made of a service's own OpenAPI, and what was answered by route."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.integration.services.process import db_api

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.services.process import Running

SETTINGS = Path(__file__).with_name("schemathesis.toml")
TOKEN: str = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["auth"]["openapi"]["serviceToken"]["bearer"]
# A method that is not documented at a path that is.
OTHER_METHOD = 405

Operation = tuple[str, str]


@dataclass(frozen=True)
class Outcome:
    """
    One run: the fuzzer's exit STATUS and its REPORT.

    `documented` is operation -> statuses that OpenAPI tells of; `answered` is
    (operation, status) -> how often, by the service's own log, of which
    `faults` are the lines that tell of an unforeseen error.
    """

    status: int
    report: str
    documented: dict[Operation, set[int]]
    answered: Counter[tuple[Operation, int]]
    faults: list[dict[str, Any]]

    @property
    def undocumented(self) -> dict[Operation, set[int]]:
        """Return operation -> statuses that were answered and that OpenAPI does not tell of."""
        paths = {path for _, path in self.documented}
        found: dict[Operation, set[int]] = {}
        for operation, status in self.answered:
            known = self.documented.get(operation, {OTHER_METHOD})
            if operation[1] in paths and status not in known:
                found.setdefault(operation, set()).add(status)
        return found


def fuzz(folder: Path, *options: str) -> Outcome:
    """Ask a db-api of our own, which wants a token, all that the fuzzer makes up with OPTIONS."""
    with db_api(folder, SERVICE_TOKEN=TOKEN) as running:
        return ask(running, folder, SETTINGS, *options)


def ask(running: Running, folder: Path, settings: Path, *options: str) -> Outcome:
    """Ask RUNNING all that the fuzzer makes up with SETTINGS and OPTIONS; it leaves what it writes in FOLDER."""
    address = f"{running.address}/openapi.json"
    told = httpx.get(address, trust_env=False).raise_for_status().json()
    arguments = ["run", address, "--checks", "all", "--continue-on-failure", *options]
    status, report = _run(folder, settings, arguments)
    lines = running.lines()
    return Outcome(
        status,
        report,
        {
            (method.upper(), path): {int(each) for each in operation["responses"]}
            for path, operations in told["paths"].items()
            for method, operation in operations.items()
        },
        Counter(((each["method"], each["route"]), each["status"]) for each in lines if each["event"] == "request"),
        [each for each in lines if each["level"] in ("warning", "error") and each["event"] != "library"],
    )


def _run(folder: Path, settings: Path, arguments: Sequence[str]) -> tuple[int, str]:
    """Return the exit status and the output of the fuzzer, which leaves what it writes in FOLDER."""
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(settings), "--no-color", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
