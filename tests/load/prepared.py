"""What is measured on, made once: the generated patients in a database's folder, and other commits' trees."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tests.load.process import ROOT, Unmeasurable, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 7
AS_OF = "2026-01-01"
# What decides which records there are, and what is kept beside them.
SOURCES = (
    "synthetic/**/*.py",
    "models/**/*.py",
    "store/assembly.py",
    "store/row.py",
    "store/s*.py",
    "personas.py",
    "dataset.py",
)


@contextlib.contextmanager
def data(cache: Path, patients: int) -> Iterator[Path]:
    """
    Yield a copy of a database's folder with so many generated PATIENTS, beside the fixed ones, until the block ends.

    The first call loads them, which takes minutes, and keeps the folder in CACHE for the next; it is made anew when
    the sources of the records have changed.
    """
    made = cache / f"{patients}-{_fingerprint()}"
    if not made.exists():
        _load(made, patients)
    # Whoever is measured writes an audit.
    with tempfile.TemporaryDirectory(prefix="carepath-load-", ignore_cleanup_errors=True) as folder:
        yield shutil.copytree(made, Path(folder, "data"))


def _fingerprint() -> str:
    found = hashlib.sha256()
    package = ROOT / "service_db_api"
    for path in sorted(path for pattern in SOURCES for path in package.glob(pattern)):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _load(folder: Path, patients: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="loading-") as half:
        loading = Path(half, "data")
        recipe = ["--patients", str(patients), "--seed", str(SEED), "--as-of", AS_OF]
        done = subprocess.run(
            [sys.executable, "-m", "service_db_api.seed", *recipe],
            cwd=ROOT,
            env=environment({"MONGODB_URI": "embedded", "EMBEDDED_DATA_DIR": str(loading), "LOG_LEVEL": "WARNING"}),
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            message = f"The patients could not be loaded (code {done.returncode})."
            raise Unmeasurable(message)
        # Those of earlier sources serve nobody any more.
        for each in folder.parent.glob(f"{patients}-*"):
            shutil.rmtree(each)
        loading.rename(folder)


@contextlib.contextmanager
def tree(commit: str) -> Iterator[Path]:
    """Yield a folder with the files of COMMIT until the block ends; the repository stays as it is."""
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        message = f"git knows no commit {commit!r}."
        raise Unmeasurable(message)
    with tempfile.TemporaryDirectory(prefix="carepath-commit-") as folder:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)
