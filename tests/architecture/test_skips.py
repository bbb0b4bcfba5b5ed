"""What a scanner would say is silenced for one resource, by its name, with a reason, or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*(ROOT / "infra").rglob("*.tf"), *ROOT.glob("service_*/Dockerfile")]
    if not path.is_symlink() and ".terraform" not in path.parts
)
SILENCED = re.compile(r"\b(checkov:skip|hadolint ignore|trivy:ignore|tfsec:ignore|bridgecrew:skip|cortex:skip)")
EXPLAINED = re.compile(r"\s+#checkov:skip=CKV2?_[A-Z0-9]+_\d+:(?P<reason>.+)")
BLOCK = re.compile(r'(resource|data) "\w+" "\w+" \{')
# Keys of .checkov.yaml by which a finding would pass unseen.
SILENCERS = ("skip-", "soft-fail", "hard-fail-on", "check:", "baseline", "external-checks", "var-file")
# Files in which scanners look for what to leave out.
SETTINGS = (".checkov.yaml", ".checkov.yml", ".trivyignore", ".tfsec", ".hadolint.yaml", ".hadolint.yml")


def silences(text: str) -> list[tuple[str, str]]:
    """Return each line of TEXT that silences a scanner, with the line that opens its outermost block."""
    found = []
    opened = ""
    for line in text.splitlines():
        if line and not line[0].isspace():
            opened = line
        if SILENCED.search(line):
            found.append((opened, line))
    return found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('resource "a" "b" {\n  #checkov:skip=CKV_AWS_39\n}', id="no-reason"),
        pytest.param('resource "a" "b" {\n  #checkov:skip=CKV_AWS_39:demo\n}', id="one-word"),
        pytest.param('resource "a" "b" {\n  #checkov:skip=all:we need none of them here\n}', id="no-id"),
        pytest.param("#checkov:skip=CKV_AWS_39:nobody comes in from there", id="whole-file"),
        pytest.param("locals {\n  #checkov:skip=CKV_AWS_39:nobody comes in from there\n}", id="no-resource"),
    ],
)
def test_skip_that_says_too_little_is_found(text: str) -> None:
    """The rule below would refuse it."""
    assert not all(explained(opened, line) for opened, line in silences(text))


def test_skip_names_its_check_and_says_why() -> None:
    """Each skip stands in the one resource it is for, with the check's id and a reason of some words."""
    found = [(name, *silence) for name in FILES for silence in silences((ROOT / name).read_text())]

    assert found
    assert [(name, line) for name, opened, line in found if not explained(opened, line)] == []


def test_reasons_are_not_doubled() -> None:
    """No resource skips a check twice."""
    for name in FILES:
        seen = [
            (opened, line.partition("=")[2].partition(":")[0]) for opened, line in silences((ROOT / name).read_text())
        ]
        assert len(seen) == len(set(seen)), name


def test_nothing_is_skipped_wholesale() -> None:
    """The scanner's settings leave no check, file or finding out, and nothing else configures one."""
    settings = (ROOT / ".checkov.yaml").read_text()
    keys = [line for line in settings.splitlines() if line and not line.startswith((" ", "#"))]

    assert [key for key in keys if key.startswith(SILENCERS)] == ["skip-download: true"]
    folders = [ROOT, ROOT / "infra", *(path for path in (ROOT / "infra").rglob("*") if path.is_dir())]
    assert [folder / name for folder in folders for name in SETTINGS if (folder / name).exists()] == [
        ROOT / ".checkov.yaml"
    ]


def explained(opened: str, line: str) -> bool:
    """Tell whether LINE, inside the block that OPENED begins, says of what resource, which check and why."""
    told = EXPLAINED.fullmatch(line)
    return bool(told and BLOCK.fullmatch(opened) and len(told["reason"].split()) >= 4)
