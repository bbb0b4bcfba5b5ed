"""
Hold a question and a record against all rules.

Pure: no clock, no randomness, no order that depends on hashing, so the same
question about the same record is assessed alike everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_chat import tags
from service_chat.escalators import ESCALATORS
from service_chat.phrases import Heard, listening
from service_chat.redflags import CRISIS_AND_CALL, RED_FLAGS, SELF_HARM
from service_chat.requests import ERRANDS, FALLBACK, LOOKUPS, OTHERS_DATA
from service_chat.symptoms import IN_THREE_DAYS, OTHER_SYMPTOM, SYMPTOMS, URGENT
from service_chat.urgency import Urgency

if TYPE_CHECKING:
    from service_chat.facts import Fact, Facts
    from service_chat.records import Record
    from service_chat.rule import Rule

# The first tier that matches decides; a red flag that is only denied or past counts as a symptom. Both first tiers
# are emergencies; whoever speaks of death is answered as such, also when a word of it is a red flag too.
TIERS = ((SELF_HARM,), RED_FLAGS, ESCALATORS, URGENT, SYMPTOMS, ERRANDS, LOOKUPS, (OTHERS_DATA,))
SYMPTOM_TIER = TIERS.index(SYMPTOMS)
LAST_TIER = len(TIERS)
LISTENERS = listening({rule.name: (*rule.heard, *rule.fixed) for rules in TIERS for rule in rules})
# They hear no words, but look at the record.
WORDLESS = {rule.name for rules in TIERS for rule in rules if not rule.heard and not rule.fixed}


@dataclass(frozen=True)
class Finding:
    """A rule that matched, with what the record says to it; `lowered` where the symptom is denied or past."""

    rule: Rule
    tier: int
    facts: Facts = ()
    lowered: bool = False

    @property
    def level(self) -> Urgency:
        return Urgency.SOON if self.lowered else self.rule.level

    @property
    def name(self) -> str:
        """Return the rule's name as answers and tests show it."""
        return f"{self.rule.name}:lowered" if self.lowered else self.rule.name


@dataclass(frozen=True)
class Assessment:
    """All that was found, what decides first."""

    findings: tuple[Finding, ...]

    @property
    def leading(self) -> Finding:
        return self.findings[0]

    @property
    def next_step(self) -> str:
        """Return what to do; what is only denied or past asks for no more than a visit."""
        if self.leading.lowered:
            return IN_THREE_DAYS
        if self.leading.rule is SELF_HARM and any(
            each.rule in RED_FLAGS and not each.lowered for each in self.findings
        ):
            return CRISIS_AND_CALL
        return self.leading.rule.next_step

    @property
    def level(self) -> Urgency:
        return self.leading.level

    @property
    def facts(self) -> Facts:
        """Return what of the record the answer rests on."""
        return tuple(dict.fromkeys(fact for each in self.decisive for fact in each.facts))

    @property
    def topic(self) -> str | None:
        """Return what documents may be asked about beside the question; None when the answer rests on none of them."""
        leading = self.leading
        terms = sorted({fact.term.lower() for fact in self.facts if fact.term})
        unfounded = leading.level is Urgency.EMERGENCY and not terms
        if leading.rule.alone or unfounded or leading.rule in ERRANDS or leading.rule is FALLBACK:
            return None
        return " ".join(terms)

    @property
    def decisive(self) -> tuple[Finding, ...]:
        """Return the findings that an answer tells: those beside the leading one, unless it stands alone."""
        if self.leading.rule.alone:
            return (self.leading,)
        return tuple(each for each in self.findings if each.tier == self.leading.tier and not each.rule.alone)


def assess(query: str, record: Record) -> Assessment:
    """Return what all rules say to QUERY about RECORD; at least one finding."""
    heard = Heard(query, tags.drugs(record))
    likely = heard.of(LISTENERS) | WORDLESS
    found = [
        finding
        for tier, rules in enumerate(TIERS)
        for rule in rules
        if rule.name in likely and (finding := _apply(rule, tier, heard, record)) is not None
    ]
    if not found and (other := _apply(OTHER_SYMPTOM, SYMPTOM_TIER, heard, record)) is not None:
        found = [other]
    if not found:
        found = [Finding(FALLBACK, LAST_TIER)]
    found.sort(key=lambda each: (each.tier, each.lowered))
    return Assessment(tuple(found))


def _apply(rule: Rule, tier: int, heard: Heard, record: Record) -> Finding | None:
    if rule.also and not any(heard.find_present(each) for each in rule.also):
        return None
    lowered = False
    if rule.heard or rule.fixed:
        certain = any(heard.find(each) for each in rule.fixed) or any(heard.find_present(each) for each in rule.heard)
        lowered = not certain and tier < SYMPTOM_TIER and any(heard.find(each) for each in rule.heard)
        if not certain and not lowered:
            return None
    needed: Facts = rule.needs(heard, record) if rule.needs else ()
    if rule.needs and not needed:
        return None
    facts = tuple(dict.fromkeys((*needed, *_looked_up(rule, heard, record))))
    return Finding(rule, SYMPTOM_TIER if lowered else tier, facts, lowered)


def _looked_up(rule: Rule, heard: Heard, record: Record) -> list[Fact]:
    return [fact for look in rule.looks for fact in look(heard, record)]
