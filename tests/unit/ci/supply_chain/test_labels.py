"""What an image says of its origin: true, or nothing."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ci.services import CHAT_API
from ci.supply_chain.labels import Checkout, checkout, labels, public

if TYPE_CHECKING:
    from pathlib import Path

WHO = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the pipeline at a repository with one commit of a known time."""
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\nlicense = "Apache-2.0"\n')
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05+02:00")
    git(tmp_path, *WHO, "commit", "--quiet", "-m", "first")
    for module in ("ci.supply_chain.labels", "ci.git"):
        monkeypatch.setattr(f"{module}.ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://robot:planted-token@github.com/team/carepath.git", "https://github.com/team/carepath"),
        ("https://planted-token@example.com:8443/team/carepath", "https://example.com:8443/team/carepath"),
        ("git@github.com:team/carepath.git", "https://github.com/team/carepath"),
        ("ssh://git@example.com:2222/team/carepath.git", "https://example.com/team/carepath"),
        ("/home/somebody/carepath", ""),
        ("file:///home/somebody/carepath", ""),
        ("", ""),
    ],
)
def test_source_is_public(remote: str, address: str) -> None:
    """A token in a remote's address, or a path of somebody's machine, is in no label."""
    assert public(remote) == address


def test_uncommitted_work_has_no_revision(repository: Path) -> None:
    """What is built is then no commit's content, and has no commit's time."""
    (repository / "new.py").touch()

    found = checkout()

    assert (found.revision, found.created, found.version) == ("", "", "1.2.3")


def test_without_git_only_the_project_speaks(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unpacked archive can be built too."""
    monkeypatch.setenv("PATH", str(repository))

    assert checkout() == Checkout(version="1.2.3", licenses="Apache-2.0")


def test_commit_is_told_whole_with_its_time_in_utc(repository: Path) -> None:
    """Built today or in a year, on any machine: the same revision, and the same time."""
    git(repository, "remote", "add", "origin", "git@github.com:team/carepath.git")

    assert checkout() == Checkout(
        revision=git(repository, "rev-parse", "HEAD"),
        created="2026-01-02T01:04:05Z",
        source="https://github.com/team/carepath",
        version="1.2.3",
        licenses="Apache-2.0",
    )


def test_github_knows_the_source_best(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow's checkout may name a mirror as its remote."""
    git(repository, "remote", "add", "origin", "https://mirror.example.com/x.git")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "team/carepath")

    assert checkout().source == "https://github.com/team/carepath"


def test_what_is_not_known_has_no_label() -> None:
    """An empty label would be taken for an answer; a base without a digest has none either."""
    told = labels(CHAT_API, Checkout(), "python:3.11-slim", "")

    assert told == {
        "org.opencontainers.image.title": "carepath-chat-api",
        "org.opencontainers.image.description": "CarePath chat-api: synthetic patients only",
        "org.opencontainers.image.base.name": "python:3.11-slim",
    }


def test_all_that_is_known_has_its_label() -> None:
    """The names are those of the OCI image specification."""
    known = Checkout("c" * 40, "2026-01-02T01:04:05Z", "https://github.com/team/carepath", "1.2.3", "Apache-2.0")

    told = labels(CHAT_API, known, "python:3.11-slim@sha256:b", f"sha256:{'b' * 64}")

    assert {name.removeprefix("org.opencontainers.image.") for name in told} == {
        *("title", "description", "source", "revision", "version", "created", "licenses", "base.name", "base.digest")
    }
    assert told["org.opencontainers.image.base.name"] == "python:3.11-slim"
