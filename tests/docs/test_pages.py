"""What the pages beside the README name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["docs/cost.md", "docs/oidc.md", "docs/operations.md", "docs/supply-chain.md", "infra/README.md"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SESSIONS = set(re.findall(r"^@nox\.session.*\ndef (\w+)\(", (ROOT / "noxfile.py").read_text(), re.MULTILINE))
TERRAFORM = "".join(path.read_text() for path in (ROOT / "infra/terraform").rglob("*.tf"))
INFRA = (ROOT / "infra/README.md").read_text()


def anchors(text: str) -> set[str]:
    """Return what a link can point at in TEXT: its headings, as they are shown in an address."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """A link names a file that is there, and a heading in it."""
    path = ROOT / page
    for file, _, heading in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text())):
        if not file.startswith("http"):
            target = path.parent / file if file else path
            assert target.exists(), file
            assert not heading or heading in anchors(target.read_text()), heading


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    """Each Make target and nox session that a page tells to run is one."""
    text = (ROOT / page).read_text()

    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= TARGETS
    assert set(re.findall(r"\bnox (?:--no-venv )?-s (\w+)", text)) <= SESSIONS


def test_infrastructure_page_names_what_is_there() -> None:
    """A variable, check, resource or output that the page names is in the code."""
    named = set(re.findall(r"`((?:TF_VAR_)?[a-z]+(?:_[a-z]+)+)(?:\.\w+)?(?: = \w+)?`", INFRA)) - UPSTREAM

    assert named
    assert {name for name in named if not re.search(rf"\b{name.removeprefix('TF_VAR_')}\b", TERRAFORM)} == set()


def test_infrastructure_page_lists_the_modules() -> None:
    """Each module has its row."""
    modules = {path.name for path in (ROOT / "infra/terraform/modules").iterdir()}

    assert modules
    assert {module for module in modules if f"| `terraform/modules/{module}/` |" not in INFRA} == set()


# What the page says could be added, or is another file's.
UPSTREAM = {"aws_eks_pod_identity_association"}
