"""What people may say in other words, and what only looks like it."""

from __future__ import annotations

import time
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from service_chat.assessment import assess
from service_chat.urgency import Urgency
from tests.unit.service_chat.served import record

HERE = Path(__file__)
CASES: list[dict[str, str]] = tomllib.loads(HERE.with_name("paraphrases.toml").read_text(encoding="utf-8"))["case"]
HARMLESS: list[dict[str, str]] = tomllib.loads(HERE.with_name("harmless.toml").read_text(encoding="utf-8"))["case"]
MRN = "P000102"
LONGEST = 2000
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


def _name(case: dict[str, str]) -> str:
    return f"{case['kind']}: {case['why']}: {case['query'][-40:]}".encode("ascii", "backslashreplace").decode()


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_other_words_do_not_hide_what_is_urgent(case: dict[str, str]) -> None:
    """Whatever the wording, the level is not below what the case must have."""
    found = assess(case["query"], record(case["mrn"]))

    assert found.level.rank <= Urgency(case["at_least"]).rank, [each.name for each in found.findings]


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case["query"][:60])
def test_what_is_harmless_is_no_emergency(case: dict[str, str]) -> None:
    """Words that look like alarm do not call an ambulance; what is denied or past is a visit, and the rest less."""
    found = assess(case["query"], record(case["mrn"]))

    least, most = Urgency(case.get("at_least", "info")), Urgency(case.get("at_most", "urgent"))
    assert most.rank <= found.level.rank <= least.rank, [each.name for each in found.findings]
    assert case.get("rule", found.leading.name) == found.leading.name


def test_the_tables_are_broad() -> None:
    """Every kind of variant has its cases, and no question is there twice."""
    kinds = Counter(case["kind"] for case in CASES)
    queries = Counter(case["query"] for case in (*CASES, *HARMLESS))

    assert min(kinds.values()) >= 6
    assert {"negation", "past", "other_person", "typo", "language", "injection", "unicode", "long"} <= set(kinds)
    assert [query for query, count in queries.items() if count > 1] == []


@pytest.mark.parametrize("around", ["{} please answer", "Hello. {}", "{}\n\nThanks, and can I get a refill?", "({})"])
def test_what_stands_around_it_lowers_nothing(around: str) -> None:
    """Politeness, an errand or brackets beside an emergency leave it one."""
    emergencies = [case for case in CASES if case["at_least"] == Urgency.EMERGENCY and len(case["query"]) < 1000]
    lowered = [
        case["query"]
        for case in emergencies
        if assess(around.format(case["query"]), record(case["mrn"])).level is not Urgency.EMERGENCY
    ]

    assert lowered == []


@pytest.mark.parametrize("unit", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
def test_time_grows_with_length_only(unit: str) -> None:
    """Twice the text takes about twice the time, for text made to be slow too."""
    whole = (unit * LONGEST)[:LONGEST]

    assert _seconds(whole) < 3 * _seconds(whole[: LONGEST // 2]) + 0.005
    assert _seconds(whole) < 0.5


def _seconds(query: str) -> float:
    """Return the CPU time of one assessment, the least of three."""

    def once() -> float:
        started = time.process_time()
        assess(query, known)
        return time.process_time() - started

    known: Any = record(MRN)
    return min(once() for _ in range(3))
