"""The tables of rules as a whole."""

from __future__ import annotations

import itertools

from service_chat.assessment import TIERS, assess
from service_chat.phrases import LONGEST_STEM, ROOM, SHORTEST_STEM, Heard
from service_chat.redflags import RED_FLAGS, SELF_HARM
from service_chat.requests import FALLBACK
from service_chat.symptoms import OTHER_SYMPTOM
from service_chat.tags import DRUG, figures
from service_chat.urgency import Urgency
from tests.unit.service_chat.evaluation import NOBODY_KNOWN, Outcome, asked, check
from tests.unit.service_chat.served import record
from tests.unit.service_chat.test_paraphrases import CASES

RULES = [*(rule for rules in TIERS for rule in rules), OTHER_SYMPTOM, FALLBACK]
PATTERNS = sorted({pattern for rule in RULES for pattern in (*rule.heard, *rule.fixed, *rule.also)})
# What figures, record numbers and drugs are heard as.
TAGS = {tag for number in range(1000) for after in ("", "weeks") for tag in figures(str(number), after)} | {
    *figures("p000102", ""),
    DRUG,
}
DEATH = [case for case in CASES if case["kind"] == "self_harm"]


def unheard(pattern: str) -> list[str]:
    """Return the words of `pattern` that no question has once it is read."""
    words = [word for part in pattern.split() if part not in ROOM for word in part.removeprefix("!").split("|")]
    tags = [word for word in words if word.startswith("#")]
    stems = [word[:-1] for word in words if word.endswith("*")]
    plain = [word for word in words if word not in tags and not word.endswith("*")]
    return [
        *(tag for tag in tags if tag not in TAGS),
        *(f"{stem}*" for stem in stems if not SHORTEST_STEM <= len(stem) <= LONGEST_STEM),
        *(word for word in (*plain, *stems) if Heard(word).tokens != [word]),
    ]


def test_patterns_with_a_word_that_no_question_has_are_none() -> None:
    """
    A pattern is written as questions are read: lower case, no accent, no apostrophe, no words run together.

    One that is not can never be heard.
    """
    assert len(PATTERNS) > 500
    assert {pattern: words for pattern in PATTERNS if (words := unheard(pattern))} == {}


def test_names_are_unique() -> None:
    """A matched rule is told by its name."""
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))


def test_tiers_go_down_in_urgency() -> None:
    """The first tier that matches decides, so none may hold what is more urgent than the one before."""
    ranks = [rule.level.rank for rules in TIERS[:-1] for rule in rules]

    assert ranks == sorted(ranks)


def test_rules_without_anything_to_say_are_none() -> None:
    """Every answer has a next step, and words of its own or facts."""
    assert [rule.name for rule in RULES if not rule.next_step or not (rule.says or rule.needs or rule.looks)] == []


def test_self_harm_is_never_taken_back() -> None:
    """No negation, no past and no other person makes less of it."""
    # What is `fixed` is not lowered.
    assert SELF_HARM.heard == ()
    outcomes = []
    for case, around in itertools.product(DEATH, ("no {}", "last year {}", "my friend said: {}", "{} and a refill?")):
        query = around.format(case["query"])
        found = asked(query, case["mrn"])
        outcomes.append(Outcome(query, "emergency", found, found.level is Urgency.EMERGENCY, case["why"]))

    check(outcomes, least=76)


# Each red flag, denied or past.
DENIED = {
    "red_flag.chest_pain": "I have no chest pain. Can I get a refill?",
    "red_flag.stroke": "No slurred speech. Can I get a refill?",
    "red_flag.breathing": "I do not have blue lips. Can I get a refill?",
    "red_flag.allergic_shock": "No anaphylaxis. Can I get a refill?",
    "red_flag.unconscious": "I am not unconscious. Can I get a refill?",
    "red_flag.severe_bleeding": "No heavy bleeding. Can I get a refill?",
    "red_flag.head_injury": "No head injury, and he is confused. Can I get a refill?",
    "red_flag.worst_headache": "No sudden violent headache. Can I get a refill?",
    "red_flag.meningitis": "I had a stiff neck with fever last year. Can I get a refill?",
    "red_flag.newborn": "My newborn had a fever last year. Can I get a refill?",
    "red_flag.birth": "The cord was coming out first in 2015. Can I get a refill?",
    "red_flag.pregnancy": "I have no eclampsia. Can I get a refill?",
    "red_flag.injury": "He was hit by a car last year. Can I get a refill?",
    "red_flag.poisoning": "I had no overdose. Can I get a refill?",
    "red_flag.named": "It was not an emergency. Can I get a refill?",
}


def test_red_flags_that_are_denied_are_a_visit() -> None:
    """A denied emergency is no emergency, and never less than `soon`."""
    outcomes = []
    for name, query in DENIED.items():
        found = asked(query)
        right = found.level is Urgency.SOON and f"{name}:lowered" in [finding.name for finding in found.findings]
        outcomes.append(Outcome(query, f"soon by {name}:lowered", found, right))

    assert set(DENIED) == {rule.name for rule in RED_FLAGS if rule.heard}
    check(outcomes, least=len(RED_FLAGS))


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
