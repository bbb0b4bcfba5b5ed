"""What git says of a checkout, and who runs this."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ci.commit import commit, who

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with one commit, which the pipeline takes for its own."""
    root = tmp_path / "repository"
    root.mkdir()
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    git(root, "init", "--quiet")
    (root / "file").write_text("1")
    git(root, "add", "file")
    git(root, "commit", "--quiet", "--message", "First")
    monkeypatch.setattr("ci.git.ROOT", root)
    return root


def test_no_git_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git deploys all the same; its images just get no tag for people."""
    monkeypatch.setenv("PATH", str(repository))

    assert commit() == ""


def test_no_repository_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unpacked archive has no commit."""
    monkeypatch.setattr("ci.git.ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert commit() == ""


@pytest.mark.parametrize("name", ["file", "new-file"])
def test_what_is_not_committed_has_no_commit(repository: Path, name: str) -> None:
    """A tag never claims that an image was made of a commit that it was not made of."""
    (repository / name).write_text("2")

    assert commit() == ""


def test_clean_checkout_is_its_head(repository: Path) -> None:
    """Twelve digits, as git shows them."""
    assert commit() == git(repository, "rev-parse", "HEAD")[:12]


def test_repository_without_a_commit_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that was just made is no fault."""
    git(tmp_path, "init", "--quiet")
    monkeypatch.setattr("ci.git.ROOT", tmp_path)

    assert commit() == ""


def test_a_github_run_is_named_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a lock can click on the run that holds it."""
    for name, value in {
        "RUN_ID": "42",
        "ACTOR": "ada",
        "SERVER_URL": "https://github.com",
        "REPOSITORY": "care/path",
    }.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)

    assert who() == "ada (https://github.com/care/path/actions/runs/42)"


def test_a_person_is_named_by_user_and_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a laptop it is who and where."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "ada")

    name, _, host = who().partition("@")

    assert name == "ada"
    assert host
