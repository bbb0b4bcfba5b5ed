"""The tables of rules as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_chat.assessment import TIERS, assess
from service_chat.phrases import Heard
from service_chat.redflags import RED_FLAGS, SELF_HARM
from service_chat.requests import FALLBACK
from service_chat.symptoms import OTHER_SYMPTOM
from service_chat.urgency import Urgency
from tests.unit.service_chat.served import record
from tests.unit.service_chat.spoken import spoken

if TYPE_CHECKING:
    from service_chat.rule import Rule

RULES = [*(rule for rules in TIERS for rule in rules), OTHER_SYMPTOM, FALLBACK]
PATTERNS = sorted({pattern for rule in RULES for pattern in (*rule.heard, *rule.fixed, *rule.also)})
NOBODY_KNOWN = "P000108"


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_can_be_heard(pattern: str) -> None:
    """Each pattern hears its own words: none is lost to how questions are read."""
    assert Heard(spoken(pattern)).find(pattern)


def test_names_are_unique() -> None:
    """A matched rule is told by its name."""
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))


def test_tiers_go_down_in_urgency() -> None:
    """The first tier that matches decides, so none may hold what is more urgent than the one before."""
    ranks = [rule.level.rank for rules in TIERS[:-1] for rule in rules]

    assert ranks == sorted(ranks)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_what_to_do(rule: Rule) -> None:
    """Every answer has a next step, and words of its own or facts."""
    assert rule.next_step
    assert rule.says or rule.needs or rule.looks


@pytest.mark.parametrize("pattern", SELF_HARM.fixed)
@pytest.mark.parametrize("around", ["no {}", "last year {}", "my friend said: {}", "{} and can I get a refill"])
def test_self_harm_is_never_taken_back(pattern: str, around: str) -> None:
    """No negation, no past and no other person makes less of it."""
    found = assess(around.format(spoken(pattern)), record(NOBODY_KNOWN))

    assert found.leading.level is Urgency.EMERGENCY


@pytest.mark.parametrize("rule", RED_FLAGS, ids=lambda rule: rule.name)
def test_a_denied_red_flag_still_wants_a_visit(rule: Rule) -> None:
    """A denied emergency is no emergency, and never less than `soon`."""
    for pattern in rule.heard:
        also = spoken((rule.also or ("",))[0])
        found = assess(f"no {spoken(pattern)}. {also}. Can I get a refill?", record(NOBODY_KNOWN))
        assert found.leading.level.rank <= Urgency.SOON.rank, pattern


def test_what_nothing_matches_is_asked_again() -> None:
    """A question that no rule knows is routine, and the answer asks for other words."""
    found = assess("hello there", record(NOBODY_KNOWN))

    assert [each.name for each in found.findings] == ["fallback.rephrase"]


def test_self_harm_stands_alone() -> None:
    """Beside thoughts of ending one's life nothing else is answered and nothing cited."""
    found = assess("I want to die, and can I get a refill of sertraline?", record("P000106"))

    assert [each.name for each in found.decisive] == ["self_harm"]
    assert found.topic is None


def test_whoever_speaks_of_death_is_answered_as_such() -> None:
    """Where the same words are a red flag too, the crisis line is told, and the emergency number first."""
    found = assess("I want to go to sleep and never wake up", record("P000106"))

    assert [each.name for each in found.decisive] == ["self_harm"]
    assert "red_flag.unconscious" in [each.name for each in found.findings]
    assert found.next_step.startswith("Call your local emergency number now.")
    assert "crisis line" in found.next_step


def test_what_is_not_understood_is_not_left_to_wait() -> None:
    """A question that no rule knows may be serious, and the next step says so."""
    found = assess("hello there", record(NOBODY_KNOWN))

    assert "If it may be serious" in found.next_step
    assert "emergency number" in found.next_step
