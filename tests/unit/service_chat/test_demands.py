"""What a mode needs to start."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LLM = {"LLM_API_KEY": "hunter2-key", "LLM_MODEL": "model-1"}


def _started(**environment: str) -> subprocess.CompletedProcess[str]:
    """Start the service as its image does, as far as it gets."""
    command = [sys.executable, "-m", "uvicorn", "service_chat.main:app", "--port", "0", "--no-access-log"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLM_", "VECTOR_", "PINECONE_"))}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**kept, **environment}, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LLM_MODE": "openai"}, ["LLM_API_KEY is missing, which LLM_MODE openai asks for.", "LLM_MODEL is missing"]),
        ({"LLM_MODE": "openai", "LLM_MODEL": "m"}, ["LLM_API_KEY is missing"]),
        ({"LLM_MODE": "anthropic", "LLM_API_KEY": "hunter2-key"}, ["LLM_MODEL is missing, which LLM_MODE anthropic"]),
        ({"LLM_MODE": "anthropic", "LLM_API_KEY": " ", "LLM_MODEL": "m"}, ["LLM_API_KEY is missing"]),
        ({"VECTOR_MODE": "pinecone"}, ["PINECONE_API_KEY is missing, which VECTOR_MODE pinecone asks for."]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, dict) else "",
)
def test_a_missing_setting_stops_the_start(environment: dict[str, str], told: list[str]) -> None:
    """The start ends with a sentence that names the setting, without a traceback and without a secret."""
    done = _started(**environment)

    assert done.returncode != 0
    assert [each for each in told if each not in done.stderr] == []
    assert "Traceback" not in done.stderr + done.stdout
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("package", "environment"),
    [
        ("openai", {"LLM_MODE": "openai", **LLM}),
        ("anthropic", {"LLM_MODE": "anthropic", **LLM}),
        ("pinecone", {"VECTOR_MODE": "pinecone", "PINECONE_API_KEY": "hunter2-key"}),
    ],
)
def test_a_missing_package_stops_the_start(tmp_path: Path, package: str, environment: dict[str, str]) -> None:
    """Where an extra was not installed, the sentence says how to get it."""
    # Where it is not there anyway, as in the default image, nothing has to be hidden.
    if importlib.util.find_spec(package) is not None:
        hiding = f"import sys\nsys.modules[{package!r}] = None\n"
        (tmp_path / "sitecustomize.py").write_text(hiding)
        environment = {**environment, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    done = _started(**environment)

    assert done.returncode != 0
    assert f"needs the package {package}, which is not installed" in done.stderr
    assert f"EXTRAS={package}" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert "hunter2" not in done.stderr + done.stdout
