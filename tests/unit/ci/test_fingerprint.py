"""What changes the digest of a source tree, and what does not."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from ci.errors import NotReady
from ci.fingerprint import check_tag, digest, files, image_tag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATHS = ("package", "lock.txt")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "package/inner").mkdir(parents=True)
    (root / "package/main.py").write_text("print(1)\n")
    (root / "package/inner/data.json").write_text("{}")
    (root / "lock.txt").write_text("fastapi==1\n")
    return root


def digested(root: Path, *, base: str = "python@sha256:1", platform: str = "linux/amd64", **arguments: str) -> str:
    return digest(root, PATHS, arguments={"PYTHON_IMAGE": base, **arguments}, platform=platform)


def test_missing_input_is_named(tree: Path) -> None:
    """An incomplete checkout is told, and never digested as if it were whole."""
    (tree / "lock.txt").unlink()

    with pytest.raises(NotReady) as caught:
        digested(tree)

    assert caught.value.code == "source_missing"
    assert "lock.txt" in caught.value.title
    assert str(tree) not in caught.value.title


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda root: (root / "package/main.py").write_text("print(2)\n"),
    "a new file": lambda root: (root / "package/new.py").touch(),
    "a file removed": lambda root: (root / "package/inner/data.json").unlink(),
    "a file renamed": lambda root: (root / "package/main.py").rename(root / "package/moved.py"),
    "a file moved": lambda root: (root / "package/main.py").rename(root / "package/inner/main.py"),
    "content moved to the next file": lambda root: [
        (root / "package/main.py").write_text("print(1)\n{}"),
        (root / "package/inner/data.json").write_text(""),
    ],
    "the single file": lambda root: (root / "lock.txt").write_text("fastapi==2\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_the_files_changes_the_digest(tree: Path, change: Callable[[Path], object]) -> None:
    """What would be in the image decides which image it is."""
    before = digested(tree)

    change(tree)

    assert digested(tree) != before


def test_arguments_and_platform_change_the_digest(tree: Path) -> None:
    """The same files on another base, or with more in them, are another image."""
    assert digested(tree, EXTRAS="openai") not in {digested(tree), digested(tree, EXTRAS="pinecone")}
    assert len({digested(tree), digested(tree, base="python@sha256:2"), digested(tree, platform="linux/arm64")}) == 3


def byte_code(root: Path) -> None:
    (root / "package/__pycache__").mkdir()
    (root / "package/__pycache__/main.cpython-311.pyc").touch()


LEFT_ALONE: dict[str, Callable[[Path], object]] = {
    "times": lambda root: os.utime(root / "package/main.py", (0, 0)),
    "byte code": byte_code,
    "somebody's secrets": lambda root: (root / "package/.env").write_text("KEY=planted"),
    "their local ones": lambda root: (root / "package/.env.local").write_text("KEY=planted"),
    "a finder's file": lambda root: (root / "package/.DS_Store").touch(),
    "an empty folder": lambda root: (root / "package/empty").mkdir(),
    "a file outside": lambda root: (root / "README.md").touch(),
}


@pytest.mark.parametrize("change", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_no_image_holds_does_not_count(tree: Path, change: Callable[[Path], object]) -> None:
    """An image that was built once is found again, although somebody ran the tests in between."""
    before = digested(tree)

    change(tree)

    assert digested(tree) == before


@pytest.mark.parametrize("name", ["elsewhere", "with space", "work.pyc", "old__pycache__"])
def test_the_checkout_may_lie_anywhere(tree: Path, tmp_path: Path, name: str) -> None:
    """A laptop and a runner come to the same digest, whatever their folders are called."""
    moved = tmp_path / name / "deeper"
    shutil.copytree(tree, moved)

    assert digested(moved) == digested(tree)
    assert [path.relative_to(moved) for path in files(moved, PATHS)]


def test_files_come_sorted(tree: Path) -> None:
    """The order that a file system lists does not show."""
    found = [path.relative_to(tree).as_posix() for path in files(tree, PATHS)]

    assert found == ["lock.txt", "package/inner/data.json", "package/main.py"]


def test_tags_are_valid_and_tell_image_and_check_apart(tree: Path) -> None:
    """A registry takes the tags, and a check's can never be taken for an image's."""
    inputs = digested(tree)

    assert re.fullmatch(r"[0-9a-f]{64}", inputs)
    assert re.fullmatch(r"src-[0-9a-f]{24}", image_tag(inputs))
    assert re.fullmatch(r"checked-[0-9a-f]{24}", check_tag(inputs))
