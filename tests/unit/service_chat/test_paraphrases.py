"""
Evaluation of the rules on questions in other words, and on what only looks alarming.

Each data set is one test with a threshold, which is what the rules reach today;
a test that fails lists each question that was missed.
"""

from __future__ import annotations

import itertools
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service_chat import assessment, denial, innocent, letters, phrases, spelling, tags
from service_chat.assessment import assess
from service_chat.urgency import Urgency
from tests.unit.service_chat.evaluation import Outcome, asked, check
from tests.unit.service_chat.served import record
from tests.unit.service_kit.steps import steps

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__)
CASES: list[dict[str, str]] = tomllib.loads(HERE.with_name("paraphrases.toml").read_text(encoding="utf-8"))["case"]
HARMLESS: list[dict[str, str]] = tomllib.loads(HERE.with_name("harmless.toml").read_text(encoding="utf-8"))["case"]
EMERGENCIES = [case for case in CASES if case["at_least"] == Urgency.EMERGENCY]
OTHERS = [case for case in CASES if case["at_least"] != Urgency.EMERGENCY]
# Politeness, an errand or brackets.
AROUND = ("{} please answer", "Hello. {}", "{}\n\nThanks, and can I get a refill?", "({})")
MRN = "P000102"
PATHOLOGICAL = {
    "one word": "chest ",
    "denied": "no pain chest ",
    "past": "last year chest pain ",
    "open ends": "took too many ",
    "negators": "not no without ",
    "unknown": "abcdefghijklmnop ",
    "misspelt": "unconcios siezurre ",
    "one letter": "a",
    "spaced": "a a ",
    "points": "a.",
    "commas": ", ",
    "accents": "e\u0301",
    "invisible": "\u200b",
    "digits": "1 ",
    "fever": "fever not neck rash ",
}
# Each of these keeps another part of the rules busy; most of the time of the others is in the same parts.
FAST = ("denied", "past", "misspelt", "points")
HEARING = (assessment, denial, innocent, letters, phrases, spelling, tags)


def at_least(case: dict[str, str], around: str = "{}") -> Outcome:
    """Hold the level of one question against the least that it may be."""
    query = around.format(case["query"])
    found = asked(query, case["mrn"])
    right = found.level.rank <= Urgency(case["at_least"]).rank
    return Outcome(query, f"{case['at_least']} or more", found, right, f"{case['kind']}: {case['why']}")


def harmless(case: dict[str, str]) -> Outcome:
    """Hold the level of one question against the most that it may be, and its rule where there is one to be."""
    least, most = Urgency(case.get("at_least", "info")), Urgency(case.get("at_most", "urgent"))
    found = asked(case["query"], case["mrn"])
    rule = case.get("rule", found.leading.name)
    right = most.rank <= found.level.rank <= least.rank and rule == found.leading.name
    return Outcome(case["query"], f"from {least.value} to {most.value} by {rule}", found, right)


def test_rules_with_emergencies_in_other_words_miss_none() -> None:
    """No threshold below all of them: a missed emergency costs a life."""
    check(map(at_least, EMERGENCIES), least=450)


def test_rules_with_urgent_questions_in_other_words_reach_the_threshold() -> None:
    """Whatever the wording, the level is not below what the case must have."""
    check(map(at_least, OTHERS), least=37, threshold=1.0)


def test_rules_with_harmless_questions_reach_the_threshold() -> None:
    """Words that look like alarm do not call an ambulance; what is denied or past is a visit, and the rest less."""
    check(map(harmless, HARMLESS), least=206, threshold=1.0)


def surrounded(*, whole: bool) -> Iterator[Outcome]:
    """Yield the outcomes of the emergencies within what stands around them: all of it, or another one each time."""
    short = [case for case in EMERGENCIES if len(case["query"]) < 1000]
    pairs = itertools.product(short, AROUND) if whole else zip(short, itertools.cycle(AROUND), strict=False)
    for case, around in pairs:
        yield at_least(case, around)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_rules_with_anything_around_an_emergency_miss_none(*, whole: bool) -> None:
    """Politeness, an errand or brackets next to an emergency leave it one."""
    check(surrounded(whole=whole), least=400)


def test_data_sets_have_every_kind_of_variant_and_no_question_twice() -> None:
    """An evaluation on fewer kinds would reach its threshold as well."""
    kinds = Counter(case["kind"] for case in CASES)
    queries = Counter(case["query"] for case in (*CASES, *HARMLESS))

    assert min(kinds.values()) >= 6
    assert {"negation", "past", "other_person", "typo", "language", "injection", "unicode", "long"} <= set(kinds)
    assert [query for query, count in queries.items() if count > 1] == []


@pytest.mark.parametrize(
    "unit", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in PATHOLOGICAL]
)
def test_rules_with_pathological_text_take_steps_by_its_length(unit: str) -> None:
    """Four times the text takes about four times the steps, for text made to be slow too; a square takes 16 times."""
    patient = record(MRN)

    def count(size: int) -> int:
        text = (PATHOLOGICAL[unit] * size)[:size]
        # What is made once for all questions is made here.
        assess(text, patient)
        return steps(lambda: assess(text, patient), *HEARING)

    assert count(800) < 6 * count(200)
