"""What is secret is handed over as a secret, and what is not is not."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ci.settings import SECRET, load

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = (ROOT / "infra/terraform/envs/demo/variables.tf").read_text()
# A planted value that no file may hold, in the shapes keys have.
KEYS = re.compile(r"(AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|mongodb\+srv://[^\s\"'{$]+:[^\s\"'{$]+@)")


def test_sensitive_variables_are_secrets_and_no_others() -> None:
    """The engine blots a secret's value out of all output: a plain one handed over as one breaks the plan's JSON."""
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', VARIABLES, re.MULTILINE | re.DOTALL)
    assert blocks
    for name, body in blocks:
        assert bool(SECRET.search(f"TF_VAR_{name}")) == bool(re.search(r"sensitive\s*=\s*true", body)), name


def test_settings_tell_secrets_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret never shows in the settings' own text, and an empty variable is none."""
    for name in [name for name in os.environ if name.startswith("TF_VAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TF_VAR_mongodb_password", "planted")
    monkeypatch.setenv("TF_VAR_mongodb_password_revision", "2")
    monkeypatch.setenv("TF_VAR_atlas_org_id", "")

    settings = load()

    assert settings.terraform_variables == {"TF_VAR_mongodb_password_revision": "2"}
    assert list(settings.terraform_secrets) == ["TF_VAR_mongodb_password"]
    assert "planted" not in repr(settings)


def test_no_committed_file_holds_a_key() -> None:
    """Keys and connection strings with passwords are in no tracked file."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    names = [name for name in listed.split("\0") if name] or [
        path.relative_to(ROOT).as_posix() for path in (ROOT / "infra").rglob("*") if path.is_file()
    ]
    for name in names:
        path = ROOT / name
        if path.is_file() and not path.is_symlink() and "tests" not in path.relative_to(ROOT).parts:
            assert not KEYS.search(path.read_text(errors="replace")), name
