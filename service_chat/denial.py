"""
Whether a symptom that was heard is denied or past.

Only a plain denial or a plain past takes a symptom back; in doubt it is there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEGATORS = frozenset(
    {"no", "not", "without", "denies", "dont", "doesnt", "isnt", "kein", "keine", "keinen", "nicht", "sin", "sans"}
)
# Words that may stand between a negator and what it negates; any other one ends its reach.
BETWEEN = frozenset(
    {
        *("a", "an", "any", "have", "has", "having", "had", "feel", "feeling", "of", "sign", "signs"),
        *("actual", "further", "more", "new", "real", "bad", "crushing", "severe", "strong", "sudden"),
        *("de", "tengo", "tiene"),
    }
)
# Before a negator these turn it round: "I cannot climb the stairs without chest pain".
DOUBLED = NEGATORS | {
    *("cant", "cannot", "unable", "hardly", "barely", "never", "nothing", "wont", "wouldnt", "couldnt", "shouldnt"),
    *("didnt", "wasnt", "arent", "havent", "hasnt", "deny", "denying"),
    *("ignore", "pretend", "say", "write", "answer", "repeat", "impossible", "doubt", "doubtful", "unlikely"),
}
REACH = 3
# After these a negated symptom is not absent: "no chest pain like this before", "no chest pain relief".
TAKEN_BACK = frozenset(
    {
        *(
            "like",
            "this",
            "before",
            "relief",
            "medicine",
            "medication",
            "until",
            "till",
            "except",
            "unless",
            "yesterday",
        ),
        *("earlier", "previously", "usually", "normally", "right", "only", "first", "joking", "kidding"),
    }
)
PAST = re.compile(
    r" (?:last (?:year|month|summer|winter|spring|autumn|fall)|(?:years?|months?|decades?) ago"
    r"|as an? (?:child|kid|teen\w*)|when i was (?:a |an )?\w+|in (?:19|20)\d\d) "
)
PRESENT = frozenset(
    {
        *(
            "now",
            "today",
            "tonight",
            "again",
            "currently",
            "still",
            "since",
            "always",
            "this",
            "keep",
            "keeps",
            "worse",
        ),
        *(
            "same",
            "back",
            "returned",
            "returns",
            "started",
            "ongoing",
            "just",
            "suddenly",
            "morning",
            "minutes",
            "ever",
        ),
        *("is", "are", "am", "im", "its", "feels", "another", "more", "stopped", "but", "hasnt", "havent", "help"),
    }
)
# Whoever says one of these anywhere disputes something, perhaps the denial.
DISPUTED = frozenset({"wrong", "false", "untrue", "incorrect", "mistake", "mistaken", "lie", "lying", "nonsense"})
STOP = "."
PARTS = frozenset({".", ","})


def is_absent(words: Sequence[str], places: Sequence[int]) -> bool:
    """Return whether the symptom whose words stand at PLACES in WORDS is denied, or of the past and not of now."""
    end = places[-1] + 1
    if (
        DISPUTED.isdisjoint(words)
        and TAKEN_BACK.isdisjoint(words[end : end + REACH])
        and (_is_denied(words, places[0], 0) or (len(places) > 1 and _is_denied(words, places[-1], places[0])))
    ):
        return True
    return _is_past(words, places)


def _is_denied(words: Sequence[str], place: int, least: int) -> bool:
    """Return whether a negator close before PLACE, not before LEAST, denies it, and nothing earlier denies that."""
    for before in range(place - 1, max(place - 1 - REACH, least - 1), -1):
        if words[before] in NEGATORS:
            return DOUBLED.isdisjoint(_clause_before(words, before))
        if words[before] not in BETWEEN:
            return False
    return False


def _clause_before(words: Sequence[str], place: int) -> Sequence[str]:
    start = place
    while start > 0 and place - start < CLAUSE and words[start - 1] not in PARTS:
        start -= 1
    return words[start:place]


def _is_past(words: Sequence[str], places: Sequence[int]) -> bool:
    """Return whether the sentence around PLACES speaks of the past and the whole question never of the present."""
    start, end = places[0], places[-1] + 1
    while start > 0 and places[0] - start < SENTENCE and words[start - 1] != STOP:
        start -= 1
    while end < len(words) and end - places[-1] < SENTENCE and words[end] != STOP:
        end += 1
    return PAST.search(f" {' '.join(words[start:end])} ") is not None and PRESENT.isdisjoint(words)


# How far a clause and a sentence are followed; a longer one would make the time grow faster than the text.
CLAUSE = 25
SENTENCE = 40
