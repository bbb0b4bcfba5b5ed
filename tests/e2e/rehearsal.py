"""How these tests run a rehearsal: as a person does, by its command, in a checkout of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.support.checkout import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Exit code, JSON report, progress lines.
Outcome: TypeAlias = tuple[int, dict[str, Any], str]


def command(engine: str) -> list[str]:
    return [sys.executable, "ci/main.py", "rehearse", "--engine", engine]


def rehearse(checkout: Path, engine: str, *options: str, environment: Mapping[str, str] | None = None) -> Outcome:
    """Rehearse in `checkout` on `engine`, in `environment` or this process's own, and return the outcome."""
    done = subprocess.run(
        [*command(engine), "--json", *options],
        cwd=checkout,
        env={**(environment or os.environ), **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def run(checkout: Path, *words: str, **variables: str) -> Outcome:
    """Rehearse the command `words` with `variables` added to the environment."""
    done = subprocess.run(
        [sys.executable, "ci/main.py", "rehearse", *words, "--engine", "host", "--json"],
        cwd=checkout,
        env={**os.environ, **ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def releases(checkout: Path) -> list[dict[str, Any]]:
    code, report, lines = run(checkout, "releases")
    assert code == 0, lines
    found: list[dict[str, Any]] = report["releases"]
    return found


def images(report: dict[str, Any]) -> dict[str, str]:
    """Return the images of `report` by their names in Terraform."""
    return {name.replace("-", "_"): reference for name, reference in report["release"].items()}
