"""Stages on this machine: no image, tests in the project's environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.engines.base import Registry
from ci.engines.host.engine import HostEngine, _bare_environment
from ci.errors import CheckFailed, NotReady
from ci.services import CHAT_API, DB_API
from ci.settings import ROOT, Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(source_tree: Path) -> HostEngine:
    assert source_tree
    return HostEngine(Settings(), lambda *_: None)


def test_nothing_of_a_real_cloud_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, Terraform's own switches, a real database's address and CI's tokens stay outside a rehearsal."""
    for name in (
        *("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"),
        *("TF_VAR_mongodb_password", "TF_CLI_ARGS_apply", "TF_CLI_CONFIG_FILE", "TF_LOG", "TF_WORKSPACE"),
        *("MONGODB_URI", "MONGODB_ATLAS_PRIVATE_KEY", "DAGGER_SESSION_TOKEN", "CAREPATH_STATE_BUCKET"),
    ):
        monkeypatch.setenv(name, "planted")
    monkeypatch.setenv("HOME_OF_THIS_TEST", "kept")

    environment = _bare_environment()

    assert "planted" not in environment.values()
    assert environment["HOME_OF_THIS_TEST"] == "kept"
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert environment["PYTHONPATH"] == str(ROOT)


@pytest.mark.anyio
async def test_missing_input_is_told(engine: HostEngine, source_tree: Path) -> None:
    """A build without an image still notices an incomplete checkout."""
    (source_tree / DB_API.lock).unlink()

    with pytest.raises(NotReady, match=DB_API.lock):
        await engine.build(DB_API)


@pytest.mark.anyio
async def test_failing_tests_are_told_with_their_end(engine: HostEngine, source_tree: Path) -> None:
    """The last lines of pytest, and how to run them alone."""
    (source_tree / DB_API.tests[1] / "test_it.py").write_text("def test_it():\n    assert 'planted' == 'other'\n")

    with pytest.raises(CheckFailed) as caught:
        await engine.check(DB_API)

    assert (caught.value.code, caught.value.exit_code) == ("tests_failed", 4)
    assert "db-api" in caught.value.title
    assert "1 failed" in caught.value.detail.splitlines()[-1]
    assert DB_API.tests[1] in caught.value.hint


@pytest.mark.anyio
async def test_passing_tests_end_with_their_closing_line(
    engine: HostEngine, source_tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests run with the checkout's own code and without what the surroundings set for a real run."""
    monkeypatch.setenv("MONGODB_URI", "mongodb://planted")
    (source_tree / DB_API.tests[1] / "test_it.py").write_text(
        "import os\nimport service_db_api.file\n\ndef test_it():\n    assert 'MONGODB_URI' not in os.environ\n"
    )
    monkeypatch.setattr("ci.engines.host.engine._bare_environment", lambda: {**_bare_environment(), "PYTHONPATH": "."})

    assert "1 passed" in await engine.check(DB_API)


@pytest.mark.anyio
@pytest.mark.slow
async def test_no_tests_are_no_passed_tests(engine: HostEngine) -> None:
    """A folder in which nothing is found is a failure and not a success."""
    with pytest.raises(CheckFailed):
        await engine.check(CHAT_API)


@pytest.mark.anyio
async def test_push_records_what_stands_for_the_image(source_tree: Path) -> None:
    """The same files give the same digest, others another one, and the manifest says that it is no image."""
    recorded: list[tuple[str, ...]] = []
    engine = HostEngine(Settings(), lambda *told: recorded.append(told))
    registry = Registry("localhost:1")

    first = [await engine.publish(service, "src-1", registry, {}) for service in (DB_API, DB_API, CHAT_API)]
    (source_tree / DB_API.package / "file.py").write_text("changed")
    changed = await engine.publish(DB_API, "src-2", registry, {})

    assert not engine.makes_images
    assert first[0] == first[1]
    assert len({*first, changed}) == 3
    assert [each[:3] for each in recorded[-2:]] == [
        (CHAT_API.repository, "src-1", first[2]),
        (DB_API.repository, "src-2", changed),
    ]
    assert "layers" not in json.loads(recorded[0][4])


def test_bare_environment_lets_python_find_the_project(tmp_path: Path) -> None:
    """Terraform runs in another folder; its library's process finds our module all the same."""
    done = subprocess.run(
        [sys.executable, "-c", "import ci.engines"],
        cwd=tmp_path,
        env=_bare_environment(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0
