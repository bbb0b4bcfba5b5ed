"""What a deploy would run, drawn: it must be what a deploy runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ci import graph
from ci.services import DB_API, SERVICES
from ci.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("source_tree")


def test_every_step_waits_for_steps_that_are_there() -> None:
    """No arrow leads to nowhere, and each step comes after what it waits for."""
    for services, alone in ((SERVICES, False), ((DB_API,), True)):
        seen: set[str] = set()
        for step in graph.steps(Settings(), services, alone=alone):
            assert set(step.after) <= seen
            seen.add(step.name)


def test_tree_has_a_line_for_each_step() -> None:
    """Whatever it waits for, no step is left out or drawn twice."""
    steps = graph.steps(Settings(), SERVICES, alone=False)

    lines = graph.tree(steps).splitlines()

    assert sorted(re.sub(r"^[│├└─ ]+", "", line).partition(":")[0] for line in lines) == sorted(
        step.name for step in steps
    )


def test_mermaid_draws_every_arrow() -> None:
    """One node for a step and one arrow for each that it waits for; names hold no sign that Mermaid reads."""
    steps = graph.steps(Settings(), SERVICES, alone=False)

    lines = graph.mermaid(steps).splitlines()

    assert lines[0] == "flowchart TD"
    assert len([line for line in lines if "[" in line]) == len(steps)
    arrows = [line for line in lines if "-->" in line]
    assert len(arrows) == sum(len(step.after) for step in steps)
    assert all(re.fullmatch(r"  \w+ --> \w+", line) for line in arrows)


def test_changed_file_is_looked_up_anew(source_tree: Path) -> None:
    """The tags are those that the deploy would look for."""
    before = graph.tree(graph.steps(Settings(), (DB_API,), alone=True))
    (source_tree / "service_db_api/file.py").write_text("# changed\n")

    assert graph.tree(graph.steps(Settings(), (DB_API,), alone=True)) != before
