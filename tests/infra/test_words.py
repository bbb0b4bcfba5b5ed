"""
Each refusal of each module, in the words that a person gets.

A module's own tests say what is refused, by the object that refuses; these run them
again without that knowledge, so that each fails and Terraform says why. words.toml
holds a part of what it must say: folder -> run -> words.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.infra.workspace import TREE, copied, initialised

if TYPE_CHECKING:
    from collections.abc import Callable

    Said = Callable[[str], dict[str, str]]

WORDS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text())
# An ephemeral output, which no root may have: mongo_atlas' tests are a root of their own.
ROOTS = {"modules/mongo_atlas": "modules/mongo_atlas/tests"}
# Its refusals for every commit: 2 s; those of all folders take a minute.
SMALLEST = "modules/ecr"
RUN = re.compile(r'^(?=run "(\w+)")', re.MULTILINE)
EXPECTED = re.compile(r"^\s*expect_failures = .*\n", re.MULTILINE)
RULE = re.compile(r"checked by the validation rule at \S*?variables\.tf:(\d+),")


def refusals(folder: Path) -> dict[str, str]:
    """Return name -> a file of its own, which expects no failure, of each run in FOLDER's tests that is refused."""
    found = {}
    for path in folder.glob("tests/*.tftest.hcl"):
        head, *rest = RUN.split(path.read_text())
        for name, text in zip(rest[::2], rest[1::2], strict=True):
            if EXPECTED.search(text):
                found[name] = head + EXPECTED.sub("", text)
    return found


@pytest.fixture(scope="module")
def said(addresses: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Return what tells of a folder, name of a run -> all that Terraform complained of in it."""
    tree = copied(tmp_path_factory.mktemp("words") / "terraform")
    kept: dict[str, dict[str, str]] = {}

    def ask(folder: str) -> dict[str, str]:
        if folder not in kept:
            kept[folder] = complaints(tree, addresses, folder)
        return kept[folder]

    return ask


def complaints(tree: Path, addresses: dict[str, str], folder: str) -> dict[str, str]:
    """Run each refusal of FOLDER in TREE by itself, since Terraform skips what follows one that fails."""
    texts = refusals(tree / folder)
    for path in tree.glob(f"{folder}/tests/*.tftest.hcl"):
        path.unlink()
    for name, text in texts.items():
        tree.joinpath(folder, "tests", f"{name}.tftest.hcl").write_text(text)
    workspace = initialised(tree, addresses, ROOTS.get(folder, folder))
    done = workspace.run("test", "-json")
    told: dict[str, list[str]] = {name: [] for name in texts}
    for each in map(json.loads, done.stdout.splitlines()):
        if each["type"] == "diagnostic":
            told[Path(each["@testfile"]).name.partition(".")[0]].append(each["diagnostic"]["detail"])
    return {name: " ".join(" ".join(each).split()) for name, each in told.items()}


@pytest.mark.parametrize(
    ("folder", "run"),
    [
        pytest.param(folder, run, marks=[pytest.mark.slow] if folder != SMALLEST else [])
        for folder, runs in WORDS.items()
        for run in runs
    ],
)
def test_a_refusal_says_what_to_write(said: Said, folder: str, run: str) -> None:
    """The sentence names what is wrong, and what would be right."""
    assert WORDS[folder][run] in said(folder)[run]


@pytest.mark.parametrize("folder", WORDS)
def test_every_refusal_has_its_words(folder: str) -> None:
    """A run that is added to a module's tests is added to the words."""
    assert refusals(TREE / folder).keys() == WORDS[folder].keys()


@pytest.mark.parametrize(
    "folder", [pytest.param(folder, marks=[pytest.mark.slow] if folder != SMALLEST else []) for folder in WORDS]
)
def test_every_rule_is_heard(said: Said, folder: str) -> None:
    """Each validation of each variable is what refuses in one run or more, not only its neighbour."""
    lines = TREE.joinpath(folder, "variables.tf").read_text().splitlines()
    rules = {number for number, line in enumerate(lines, 1) if line.strip() == "validation {"}

    assert rules - {int(each) for text in said(folder).values() for each in RULE.findall(text)} == set()


def test_no_folder_is_left_out() -> None:
    """Whatever has a validation or a test that is refused has its words."""
    folders = {path.parents[1].relative_to(TREE).as_posix() for path in TREE.rglob("*.tftest.hcl")}

    assert folders == WORDS.keys()
