"""A copy of the working tree for tests that deliver from it, with one test for each service in place of all of them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ci.git import git
from ci.services import SERVICES
from ci.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# What is left out where git does not say what belongs to the project: an image or an unpacked archive.
UNTRACKED = shutil.ignore_patterns(
    *(".git", ".venv*", ".carepath", ".nox", "*_cache", "__pycache__", ".hypothesis", ".terraform", "*.tfstate*")
)
# For the runs in such a copy. What is on trial is not pytest's plug-ins, of which hypothesis alone takes more than a
# second to import, for each service that is checked.
ENVIRONMENT = {"PYTEST_ADDOPTS": '-o "addopts=-p no:schemathesis -p no:hypothesispytest -p no:randomly -p no:xdist"'}


def copy_checkout(folder: Path, *, trimmed: bool = True) -> Path:
    """
    Copy to `folder`, which is returned, what git would have of the working tree: tracked and new files, none ignored.

    `trimmed`: each folder of tests that a delivery runs holds one test, since a service's own tests would take a
    minute of each delivery and prove nothing of it.
    """
    copy_files(folder)
    for path in {path for service in SERVICES for path in service.tests} if trimmed else ():
        tests = folder / path
        shutil.rmtree(tests, ignore_errors=True)
        tests.mkdir(parents=True)
        package = tests.name
        test = f"import {package}\n\n\ndef test_package_is_imported() -> None:\n    assert {package}.__doc__\n"
        (tests / f"test_{package}_imported.py").write_text(test)
    return folder


def copy_files(folder: Path) -> None:
    """Copy the working tree to `folder`, as git lists it; links stay links."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard") if (ROOT / ".git").exists() else None
    if listed is None:
        shutil.copytree(ROOT, folder, symlinks=True, ignore=UNTRACKED)
        return
    folder.mkdir(parents=True)
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, folder / name
        # A file that is deleted and not yet committed is listed all the same.
        if source.is_symlink() or source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
