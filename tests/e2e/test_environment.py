"""`ci/environment.sh` as a newcomer meets it: a venv from an index by the real uv, and what goes wrong on the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.package_index import PackageIndex, requirement, uv_wheel, wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("ci/environment.sh", "ci/environment.py")
SURROUNDING = ("PIP_", "UV_", "PYTHON", "HTTP", "http", "ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "VIRTUAL_ENV")
IMPORT = ("python", "-c", "import carepath_sample; print(carepath_sample.__file__)")


class Checkout:
    """A checkout with the installer, a lock of one package, and an index that has it and uv."""

    def __init__(self, folder: Path, index: PackageIndex) -> None:
        self.folder = folder
        self.index = index
        for name in COPIED:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
        self.lock = folder / "requirements/dev.txt"
        self.lock.parent.mkdir()
        self.lock.write_text(requirement(next(index.folder.glob("carepath_sample-*.whl"))))
        self.lock.with_name("uv.txt").write_text(requirement(next(index.folder.glob("uv-*.whl"))))
        self.lock.with_name("terraform.txt").write_text("")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SURROUNDING)}
        programs = folder / "programs"
        programs.mkdir()
        # Without a terraform on PATH the installer would add the library.
        (programs / "terraform").write_text("#!/bin/sh\n")
        (programs / "terraform").chmod(0o755)
        (programs / "python3").symlink_to(sys.executable)
        self.environment = {
            **kept,
            "PATH": f"{programs}:{kept['PATH']}",
            "HOME": str(folder / "home"),
            "NO_PROXY": "127.0.0.1",
            "PIP_INDEX_URL": index.url,
            "PIP_RETRIES": "0",
            "PIP_TIMEOUT": "2",
        }

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `command` in the environment, with `variables` set."""
        return subprocess.run(
            ["sh", "ci/environment.sh", *(command or IMPORT)],
            cwd=self.folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    uv_wheel(folder)
    wheel(folder, "carepath_sample", "1.0", {"carepath_sample.py": b"answer = 42\n"})
    return folder


@pytest.fixture
def index(wheels: Path, tmp_path: Path) -> Iterator[PackageIndex]:
    folder = Path(shutil.copytree(wheels, tmp_path / "index", copy_function=os.link))
    with PackageIndex(folder) as found:
        yield found


@pytest.fixture
def checkout(index: PackageIndex, tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout", index)


def test_environment_is_installed_once_by_uv_from_the_index_of_pip_conf(checkout: Checkout) -> None:
    """A file of pip's is enough for uv too, and a second run installs nothing."""
    del checkout.environment["PIP_INDEX_URL"]
    configuration = checkout.folder / "pip.conf"
    configuration.write_text(f"[global]\nindex-url = {checkout.index.url}\n")
    checkout.environment["PIP_CONFIG_FILE"] = str(configuration)

    first = checkout.run()
    asked = len(checkout.index.asked)
    second = checkout.run()

    assert first.returncode == 0, first.stderr
    assert str(checkout.venv) in first.stdout
    assert next(checkout.venv.glob("lib/*/site-packages/carepath_sample-*/INSTALLER")).read_text() == "uv"
    assert "pip instead" not in first.stderr
    assert (second.returncode, second.stderr, len(checkout.index.asked)) == (0, "", asked)


def half_made(checkout: Checkout) -> None:
    """Leave what a run leaves that was killed midway."""
    (checkout.venv / "bin").mkdir(parents=True)
    (checkout.venv / "pyvenv.cfg").write_text("home = /nowhere\n")


def no_python(checkout: Checkout) -> None:
    """Leave an environment whose Python was removed or upgraded since."""
    assert checkout.run().returncode == 0
    (checkout.venv / "bin/python").unlink()
    (checkout.venv / "bin/python").symlink_to("/nowhere/python3")


def other_lock(checkout: Checkout) -> None:
    """Change the lock after an installation, and leave a package that it does not have."""
    assert checkout.run().returncode == 0
    next(checkout.venv.glob("lib/*/site-packages")).joinpath("stale.py").write_text("")
    checkout.lock.write_text(f"# changed\n{checkout.lock.read_text()}")


@pytest.mark.slow
@pytest.mark.parametrize("leave", [half_made, no_python, other_lock])
def test_environment_that_does_not_fit_is_made_again(checkout: Checkout, leave: Callable[[Checkout], None]) -> None:
    leave(checkout)

    done = checkout.run()

    assert done.returncode == 0, done.stderr
    assert "Installed in" in done.stderr
    assert list(checkout.venv.rglob("stale.py")) == []


def no_index(checkout: Checkout) -> None:
    checkout.environment["PIP_INDEX_URL"] = "http://user:planted@127.0.0.1:9/simple"


def wrong_hash(checkout: Checkout) -> None:
    checkout.lock.write_text(f"carepath_sample==1.0 --hash=sha256:{'0' * 64}\n")


def wrong_hash_of_uv(checkout: Checkout) -> None:
    lock = checkout.lock.with_name("uv.txt")
    lock.write_text(f"{lock.read_text().split()[0]} --hash=sha256:{'0' * 64}\n")


def refusing_index(checkout: Checkout) -> None:
    checkout.index.status = 403


def no_package(checkout: Checkout) -> None:
    next(checkout.index.folder.glob("carepath_sample-*")).unlink()


def old_python(checkout: Checkout) -> None:
    program = checkout.folder / "programs/old"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    checkout.environment["PYTHON"] = str(program)


def full_disk(checkout: Checkout) -> None:
    """Have no room where the environment is to be."""
    checkout.venv.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(checkout.venv)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a full disk is a small tmpfs here, which cannot be mounted: {done.stderr.strip()}")


FAULTS = {
    "no index": (no_index, "The package index cannot be reached."),
    "wrong hash": (wrong_hash, "A package does not match its hash in requirements/dev.txt; it was not installed."),
    "wrong hash of uv": (wrong_hash_of_uv, "A package does not match its hash in requirements/uv.txt"),
    "refusing index": (refusing_index, "The package index refuses the credentials"),
    "no package": (no_package, "The package index has no wheel of a locked package for this Python and machine."),
    "old Python": (old_python, "Python 3.11 or newer is needed"),
    "full disk": (full_disk, "The disk is full, and .venv is incomplete."),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_ends_with_sentence_and_next_run_completes(checkout: Checkout, fault: str) -> None:
    """Exit code 3, what to do, no traceback and no credentials; once the cause is gone the same command works."""
    cause, sentence = FAULTS[fault]
    before = dict(checkout.environment), checkout.lock.read_text(), checkout.lock.with_name("uv.txt").read_text()
    packages = list(checkout.index.folder.iterdir())
    cause(checkout)
    try:
        done = checkout.run()
    finally:
        subprocess.run(["umount", checkout.venv], capture_output=True, check=False)

    assert done.returncode == 3, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "planted" not in done.stderr
    assert done.stdout == ""

    checkout.environment, text, of_uv = before
    checkout.lock.write_text(text)
    checkout.lock.with_name("uv.txt").write_text(of_uv)
    checkout.index.status = 200
    for path in packages:
        if not path.exists():
            wheel(checkout.index.folder, "carepath_sample", "1.0", {"carepath_sample.py": b"answer = 42\n"})
    again = checkout.run()
    assert again.returncode == 0, again.stderr


@pytest.mark.slow
def test_index_without_uv_has_pip_install_and_says_so(checkout: Checkout) -> None:
    next(checkout.index.folder.glob("uv-*")).unlink()

    done = checkout.run()

    assert done.returncode == 0, done.stderr
    assert "has no uv for this machine. Installing by pip instead" in done.stderr
    assert next(checkout.venv.glob("lib/*/site-packages/carepath_sample-*/INSTALLER")).read_text().strip() == "pip"


@pytest.mark.slow
def test_two_runs_at_once_install_once(checkout: Checkout) -> None:
    """The second waits and finds the environment whole."""
    first, second = (
        subprocess.Popen(
            ["sh", "ci/environment.sh", *IMPORT],
            cwd=checkout.folder,
            env=checkout.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    )
    printed = [process.communicate(timeout=120)[1] for process in (first, second)]

    assert (first.returncode, second.returncode) == (0, 0), printed
    assert "".join(printed).count("Installed in") == 1
