"""What the documents say of commands, settings and targets is what there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci import errors
from ci import fingerprint as source
from ci.main import app
from ci.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()

# Section 7 of the specification: target -> the pipeline's command it delegates to.
TARGETS = {
    "tf-init": "bootstrap",
    "tf-plan": "plan",
    "tf-apply": "apply",
    "tf-destroy": "destroy",
    "docker-build-db-api": "build --service db-api",
    "docker-build-chat": "build --service chat-api",
    "docker-push-db-api": "publish --service db-api",
    "docker-push-chat": "publish --service chat-api",
    "deploy-db-api": "deploy --service db-api",
    "deploy-chat": "deploy --service chat-api",
    "deploy-all": "deploy",
    "demo": "rehearse",
}
STEP = re.compile(
    r"exec \.venv/bin/python (?:ci/main\.py [a-z].*|-m ci\.report\.github (?:comment plan\.md|open|close)"
    r"|-m ci\.supply_chain\.osv --required)|make [a-z-]+|sh ci/install-dagger\.sh"
)
COMMANDS = {name for name in app if not name.startswith("-")}


def test_make_target_is_one_line_that_delegates() -> None:
    """`make -n` of the targets shows one call of the pipeline for each, and nothing else."""
    done = subprocess.run(
        ["make", "-n", *TARGETS], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )

    lines = [line.rstrip() for line in done.stdout.splitlines() if not line.startswith("make")]
    assert lines == [f"sh ci/environment.sh python ci/main.py {command}" for command in TARGETS.values()]


@pytest.fixture
def terminal() -> Iterator[int]:
    """Open a pseudo-terminal and return the end that a program gets."""
    ours, theirs = os.openpty()
    yield theirs
    os.close(theirs)
    os.close(ours)


def demo(*, stdin: int = subprocess.PIPE, stderr: int = subprocess.PIPE) -> str:
    """Return what `make demo` would run with these streams."""
    with subprocess.Popen(
        ["make", "-n", "demo"], cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as make:
        out, _ = make.communicate(timeout=20)
    return str(out).strip()


def test_demo_at_a_terminal_keeps_the_services_up(terminal: int) -> None:
    """Whoever tries it there gets addresses to try, until Ctrl-C."""
    assert demo(stdin=terminal, stderr=terminal).endswith("rehearse --keep")


@pytest.mark.parametrize("stream", ["stdin", "stderr"])
def test_demo_in_a_pipe_ends_by_itself(terminal: int, stream: str) -> None:
    """Where nobody can press Ctrl-C or reads the lines, nothing stays up."""
    assert demo(**{stream: terminal}).endswith("rehearse")


def test_make_help_lists_the_targets() -> None:
    done = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)

    listed = set(re.findall(r"^\s+([a-z-]+)\s+\S", done.stdout, re.MULTILINE))
    assert {*TARGETS, "test", "test-all", "lint", "help"} - listed == set()


def test_readme_lists_every_command_and_no_other() -> None:
    """A row without a command is a promise nobody keeps."""
    section = README.partition("## Commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)) == COMMANDS


def test_readme_lists_every_setting_and_no_other() -> None:
    """By the names of their variables; those that the pipeline itself makes are left out."""
    internal = {"provider_addresses", "terraform_secrets", "terraform_variables"}
    fields = {name: field for name, field in Settings.model_fields.items() if name not in internal}
    known = {str(field.validation_alias or f"CAREPATH_{name.upper()}") for name, field in fields.items()}

    assert {name for name in known if f"`{name}`" not in README} == set()
    assert set(re.findall(r"CAREPATH_[A-Z_]+", README)) - known == set()


def test_exit_codes_are_told_alike() -> None:
    """The README, the help and the errors name the same exit codes."""
    kinds: list[type[errors.PipelineError]] = [errors.PipelineError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    codes = {kind.exit_code for kind in kinds} | {errors.OK, errors.CHANGES_PENDING}
    told = README.partition("Exit codes: ")[2].partition("\n\n")[0]
    shown = subprocess.run(
        [sys.executable, "ci/main.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.partition("Exit codes: ")[2]
    for text in (told, shown):
        assert {int(code) for code in re.findall(r"(?:^|[\s,])(\d+)\s[A-Za-z]", text)} == codes


def test_readme_links_lead_somewhere() -> None:
    """A link into the repository names a file that is there."""
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", README) if not link.startswith("http")}

    assert links
    assert {link for link in links if not (ROOT / link).exists()} == set()


def test_every_decision_is_in_the_list() -> None:
    """docs/adr/README.md lists each page, and no other."""
    pages = {path.name for path in (ROOT / "docs/adr").glob("0*.md")}
    assert set(re.findall(r"\((0[^)]+)\)", (ROOT / "docs/adr/README.md").read_text())) == pages


def test_workflows_call_the_pipeline_and_hold_no_logic() -> None:
    """Each step runs a program of ci/ with fixed words, a Make target or the CLI's installer; actions are pinned."""
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = path.read_text()
        for line in re.findall(r"^\s*(?:- )?run: (.+)$", text, re.MULTILINE):
            assert STEP.fullmatch(line), line
            assert "${{" not in line
        for use in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", use)


def test_workflows_run_commands_that_there_are() -> None:
    """Each command of the pipeline that a workflow calls exists, and so does each Make target."""
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = path.read_text()
        assert set(re.findall(r"ci/main\.py ([a-z]+)", text)) <= COMMANDS, path
        assert set(re.findall(r"run: make ([a-z-]+)", text)) <= targets, path


def test_what_changes_the_cloud_is_never_cancelled() -> None:
    """A newer run waits: a workflow that applies shares one group, and cancels nothing in it."""
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = path.read_text()
        if re.search(r"ci/main\.py (?:deploy|rollback|apply|drift|destroy)", text):
            assert "  group: deploy-demo\n  cancel-in-progress: false\n" in text, path


def test_pull_request_has_no_more_than_it_needs() -> None:
    """Without a permission that it names it has none; a fork's is checked and rehearsed with no secret in reach."""
    text = (ROOT / ".github/workflows/pr.yml").read_text()
    before, _, plan = text.partition("\n  plan:\n")

    assert "\npermissions: {}\n" in text
    assert "pull_request_target" not in text
    assert "secrets." not in before
    assert "id-token" not in before
    assert "github.event.pull_request.head.repo.full_name == github.repository" in plan


def test_what_is_left_out_of_images_is_told_alike() -> None:
    """`docker build` reads .dockerignore, the engine and the digests do not: the same names stand in both."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    assert [line for line in lines if line.startswith("**/")] == source.EXCLUDE
