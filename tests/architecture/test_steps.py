"""The counter of steps that tests of the services rely on."""

from __future__ import annotations

import re

import pytest

from service_chat import aftercheck, denial, innocent, letters, spelling, tags
from service_kit import identifiers, known
from tests.unit.service_kit.steps import Counted

TEXTS = (
    "Call P000102, or mira@example.org; born 1958-07-29 (555) 123-4567 at https://u:p@host/97001.",
    "no chest pain since last year, i cant breathe through my nose or mouth and am i fine now ?",
    "c h e s t  pa$t, don't... take 400 mg twice daily; you probably have a heart attack - harmless!",
    "paaaaaain in the chesttt, no no no 30 weeks p000102",
)
PATTERNS = [
    value
    for module in (aftercheck, denial, innocent, letters, spelling, tags, identifiers, known)
    for table in (vars(module), *(value for value in vars(module).values() if type(value) is dict))
    for value in table.values()
    if isinstance(value, re.Pattern)
]


def test_counter_matches_what_the_standard_library_matches() -> None:
    """A counter that reads an expression otherwise would count the steps of another one."""
    assert len(PATTERNS) > 15
    for pattern in PATTERNS:
        for text in TEXTS:
            expected = [found.span() for found in pattern.finditer(text) if found[0]]
            assert [span for span in Counted(pattern).spans(text) if span[0] < span[1]] == expected, pattern.pattern


@pytest.mark.parametrize(
    ("expression", "letter", "growth"),
    [("a+", "a", 4), ("[ab]{1,8}c", "a", 4), ("(?:a[ab]?){1,3}c", "a", 4), ("a+b", "a", 16), (".*x.*y", "x", 64)],
)
def test_counter_with_a_costly_expression_grows_as_it_does(expression: str, letter: str, growth: int) -> None:
    """Four times the text: 4 times the steps where a search is linear, 16 where it is a square, 64 a cube."""
    counts = []
    for size in (40, 160):
        pattern = Counted(re.compile(expression))
        pattern.sub("", letter * size)
        counts.append(pattern.steps)

    assert counts[1] / counts[0] == pytest.approx(growth, rel=0.3)
