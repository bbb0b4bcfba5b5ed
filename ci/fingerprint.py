"""The digest of what an image or a test is made of: the same on a laptop, on a cold runner and in any folder."""

from __future__ import annotations

import hashlib
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from ci.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Names, as patterns, of what is in no image and no digest; .dockerignore says the same to `docker build`.
LEFT_OUT = ("__pycache__", "*.py[co]", ".DS_Store", ".env*")
# The same for the engine, which takes patterns of paths.
EXCLUDE = [f"**/{name}" for name in LEFT_OUT]


def files(root: Path, paths: Iterable[str]) -> Iterator[Path]:
    """Yield the files at or below PATHS, sorted by their path relative to ROOT; raise NotReady when one is missing."""
    found: list[Path] = []
    for name in paths:
        path = root / name
        if path.is_dir():
            found += [each for each in path.rglob("*") if each.is_file()]
        elif path.is_file():
            found.append(path)
        else:
            title = f"{name} is missing from the checkout."
            raise NotReady(title, code="source_missing", hint="Run from a complete checkout of the repository.")
    yield from sorted(path for path in found if not _left_out(path.relative_to(root)))


def _left_out(path: Path) -> bool:
    return any(fnmatch(part, name) for part in path.parts for name in LEFT_OUT)


def digest(root: Path, paths: Iterable[str], *, arguments: Mapping[str, str], platform: str) -> str:
    """
    Return the SHA-256, as 64 hex digits, of the files at or below PATHS, the build's ARGUMENTS and the PLATFORM.

    Modification times and the place of the checkout do not count.
    """
    told = "".join(f"{name}={value}\0" for name, value in sorted(arguments.items()))
    total = hashlib.sha256(f"{told}{platform}\0".encode())
    for path in files(root, paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()}\0{content}\0".encode())
    return total.hexdigest()


def image_tag(inputs: str) -> str:
    """Return the tag under which an image made of INPUTS (64 hex digits) is looked up."""
    return f"src-{inputs[:24]}"


def build_tag(inputs: str, attempt: str) -> str:
    """
    Return the tag that one ATTEMPT to build an image of INPUTS (64 hex digits) is pushed under.

    Tags are immutable and a second build may differ, so each attempt has its own.
    """
    return f"build-{inputs[:24]}-{attempt[:12]}"


def check_tag(inputs: str) -> str:
    """Return the tag an image gets when the tests of INPUTS (64 hex digits) passed in it."""
    return f"checked-{inputs[:24]}"
