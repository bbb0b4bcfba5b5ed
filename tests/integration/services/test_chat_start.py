"""chat-api as a process: what stops its start, and that no process or version of Python answers otherwise."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.services.process import ROOT
from tests.unit.service_chat.answers import told

if TYPE_CHECKING:
    from pathlib import Path

# Without a record, and without pydantic, which is not installed for them.
RULES_ONLY = """
import json, tomllib, types
from service_chat.assessment import assess
nothing = dict.fromkeys(("conditions", "current_medications", "medications", "allergies"), ())
patient = types.SimpleNamespace(**nothing, primary_care_provider_id=None)
empty = dict.fromkeys(("recent_claims", "recent_encounters", "documents"), ())
record = types.SimpleNamespace(patient=patient, **empty, provider=lambda _: None)
here = "tests/unit/service_chat/"
cases = json.load(open(here + "golden.json")) + tomllib.load(open(here + "paraphrases.toml", "rb"))["case"]
for case in cases:
    found = assess(case["query"], record)
    print(case["query"].encode(), found.level, [finding.name for finding in found.findings])
"""
NEWER = ("python3.12", "python3.13", "python3.14")


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """Start the service as its image does, as far as it gets."""
    command = [sys.executable, "-m", "uvicorn", "service_chat.main:app", "--port", "0", "--no-access-log"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_", "VECTOR_", "PINECONE_"))}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**kept, **environment}, check=False, timeout=60
    )


def test_start_with_a_missing_setting_ends_with_a_sentence() -> None:
    """What each mode asks for is tried within the unit tests; here, that uvicorn adds no traceback and no secret."""
    done = started(LLM_MODE="anthropic", LLM_API_KEY="hunter2-key")

    assert done.returncode != 0
    assert "LLM_MODEL is missing, which LLM_MODE anthropic" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.slow
def test_start_with_a_missing_package_ends_with_a_sentence(tmp_path: Path) -> None:
    """The same where an extra was not installed."""
    environment = {"LLM_MODE": "openai", "LLM_API_KEY": "hunter2-key", "LLM_MODEL": "model-1"}
    # Where it is not there anyway, nothing has to be hidden.
    if importlib.util.find_spec("openai") is not None:
        (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["openai"] = None\n')
        environment |= {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    done = started(**environment)

    assert done.returncode != 0
    assert "needs the package openai, which is not installed" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.slow
def test_answers_in_a_process_with_another_hash_salt_are_the_same() -> None:
    """
    The hash that Python salts for each process decides nothing.

    The golden answers in the unit tests hold this for whatever salt their process has.
    """
    command = [sys.executable, "-m", "tests.unit.service_chat.answers"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "4711"}, check=True
    )

    assert json.loads(done.stdout.splitlines()[-1]) == asyncio.run(told())


@pytest.mark.slow
@pytest.mark.parametrize("python", NEWER)
def test_rules_with_a_newer_python_find_the_same(python: str) -> None:
    """The rules need nothing but the standard library."""
    found = shutil.which(python)
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"there is no {python} here")

    here, there = (
        subprocess.run([program, "-c", RULES_ONLY], capture_output=True, text=True, cwd=ROOT, check=True).stdout
        for program in (sys.executable, found)
    )

    assert here
    assert here == there
