"""The whole deploy on a real Dagger engine. Run by `nox -s engine`; skipped, with the reason, where none answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci.engines.base import Registry
from ci.registry.referrers import attached
from ci.rehearsal.registry import RegistryServer
from ci.supply_chain import provenance, sbom
from tests.e2e.planted import plant, search
from tests.e2e.rehearsal import Outcome, rehearse

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]


@pytest.fixture(scope="module")
def first(checkout: Path) -> Outcome:
    return rehearse(checkout, "dagger", "--fresh")


def test_images_are_built_tested_pushed_and_run(first: Outcome) -> None:
    """Every stage is done, and what answers the smoke test was pulled from the registry by digest."""
    code, report, lines = first

    assert code == 0, lines
    assert [check["ok"] for check in report["checks"]] == [True] * 4
    assert all("@sha256:" in reference for reference in report["release"].values())


def test_second_run_changes_nothing(checkout: Path, first: Outcome) -> None:
    """The same digests; nothing is built, tested, pushed or planned."""
    code, report, lines = rehearse(checkout, "dagger")

    assert code == 0, lines
    assert report["release"] == first[1]["release"]
    statuses = {stage["name"]: stage["status"] for stage in report["stages"]}
    assert {statuses[name] for name in ("build", "check", "publish", "plan")} == {"unchanged"}


def test_changed_line_rolls_one_deployment(checkout: Path, first: Outcome) -> None:
    """A line in db-api gives it a new digest; Terraform updates its deployment and nothing else."""
    source = checkout / "service_db_api/main.py"
    before = source.read_text()
    source.write_text(f"{before}\n# one more line\n")
    try:
        code, report, lines = rehearse(checkout, "dagger")
    finally:
        source.write_text(before)

    assert code == 0, lines
    assert report["release"]["chat-api"] == first[1]["release"]["chat-api"]
    assert report["plan"]["by_module"] == {"module.app": {"update": 1}}


def prune() -> None:
    """Empty the engine's cache: from here on it is as cold as a new runner's."""
    subprocess.run(["dagger", "--silent", "core", "engine", "local-cache", "prune"], check=True, timeout=300)


@pytest.fixture
def registry(checkout: Path) -> Iterator[Registry]:
    """Open what the rehearsal's registry kept."""
    with RegistryServer(checkout / ".carepath/rehearsal/dagger/registry", 0, lambda *_: None) as server:
        yield Registry(f"localhost:{server.port}")


def test_image_says_what_it_holds_and_how_it_was_made(first: Outcome, registry: Registry) -> None:
    """SBOM and provenance of the real image name the digest that is deployed; both kinds of packages are listed."""
    for service, reference in first[1]["release"].items():
        digest = reference.partition("@")[2]
        repository = f"carepath-{service}"
        (bom,) = attached(registry, repository, digest, sbom.MEDIA_TYPE)
        (statement,) = attached(registry, repository, digest, provenance.MEDIA_TYPE)

        claim = provenance.read(statement)
        purls = {each.get("purl", "").split("@")[0] for each in json.loads(bom)["components"]}
        assert sbom.names(bom)[0] == digest
        assert claim is not None
        assert claim.digest == digest
        assert {"pkg:pypi/fastapi", "pkg:pypi/pip", "pkg:deb/debian/libc6", "pkg:generic/cpython"} <= purls


def test_cold_engine_builds_nothing_that_is_published(checkout: Path, first: Outcome) -> None:
    """The engine's cache is wiped in between: nothing is built, tested, pushed or planned, and that is what is told."""
    prune()

    code, report, lines = rehearse(checkout, "dagger")

    assert code == 0, lines
    assert report["release"] == first[1]["release"]
    statuses = {stage["name"]: stage["status"] for stage in report["stages"]}
    assert {statuses[name] for name in ("build", "check", "publish", "plan")} == {"unchanged"}
    assert "apply" not in statuses


def test_cold_build_gives_the_same_digest(checkout: Path, first: Outcome) -> None:
    """Built again from nothing, for a registry that has nothing: byte for byte the same images."""
    prune()

    code, report, lines = rehearse(checkout, "dagger", "--fresh")

    assert code == 0, lines
    digests = [{name: each.partition("@")[2] for name, each in run["release"].items()} for run in (first[1], report)]
    assert digests[0] == digests[1]


def disk_space() -> int:
    """Return how many bytes the engine's cache takes."""
    done = subprocess.run(
        ["dagger", "--silent", "core", "engine", "local-cache", "entry-set", "disk-space-bytes"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    # As the CLI prints large numbers: 6.9e+08.
    return int(float(done.stdout))


def test_huge_file_beside_the_source_is_not_sent(checkout: Path, first: Outcome) -> None:
    """What no allow-list names never leaves the disk, so a gigabyte beside it takes no room on the engine."""
    assert first[0] == 0
    build = [sys.executable, "ci/main.py", "build", "--json"]
    subprocess.run(build, cwd=checkout, capture_output=True, check=True, timeout=600)
    before = disk_space()
    huge = checkout / "huge.bin"
    with Path("/dev/urandom").open("rb") as noise, huge.open("wb") as file:
        for _ in range(1024):
            file.write(noise.read(1 << 20))
    try:
        subprocess.run(build, cwd=checkout, capture_output=True, check=True, timeout=600)
    finally:
        huge.unlink()

    assert disk_space() - before < 100 << 20


def test_planted_secrets_turn_up_nowhere(checkout: Path) -> None:
    """In no layer of the images, nor their configuration or documents, no log, plan, report or process list."""
    plant(checkout)

    (code, _, lines), found = search(checkout, "dagger", "--fresh")

    assert code == 0, lines
    assert not any(found.values()), found
