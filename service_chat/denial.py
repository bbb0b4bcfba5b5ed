"""
Whether a symptom that was heard is denied or past.

Only a plain denial or a plain past takes a symptom back; in doubt it is there.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEGATORS = frozenset(
    {
        *("no", "not", "without", "denies", "dont", "doesnt", "didnt", "isnt", "havent", "hasnt", "nor", "never"),
        *("kein", "keine", "keinen", "keinerlei", "nicht", "sin", "ningun", "nunca", "sans", "pas", "aucun", "aucune"),
        *("non", "nessun", "nessuna", "senza"),
    }
)
# These deny a past that may end just now: "never had chest pain, and now it crushes me".
NEVER = frozenset({"never", "nunca"})
# Words that may stand between a negator and what it negates; any other one ends its reach.
BETWEEN = frozenset(
    {
        *("a", "an", "any", "have", "has", "having", "had", "ever", "feel", "feeling", "of", "sign", "signs"),
        *("actual", "further", "more", "new", "real", "bad", "crushing", "severe", "strong", "sudden"),
        *("de", "du", "la", "el", "me", "te", "le", "tengo", "tiene", "tenido", "eu", "ho", "ha", "mi", "fa"),
    }
)
# The same once a symptom has begun: "fell, but did not hit my head".
WITHIN = BETWEEN | {
    "my",
    "his",
    "her",
    "the",
    "on",
    "hit",
    "bang",
    "bump",
    "strike",
    "land",
    "touch",
    "swallowed",
    "eaten",
    "taken",
}
# One negator denies both sides of these: "no cough or chest pain".
EITHER = frozenset({"or", "nor", "ni", "oder", "noch", "ou", "o"})
BOTH = EITHER | {"and", "y", "e", "et", "und"}
# "not short of breath and I have no chest pain".
JOINED = frozenset({"i", "he", "she", "have", "has", "had", "also", "there", "is", "with"})
# What may stand on the other side; a whole sentence may not.
LISTED = frozenset(
    {
        *("chest", "pain", "pains", "pressure", "tightness", "shortness", "short", "breath", "breathing", "trouble"),
        *("breathlessness", "breathless", "wheeze", "wheezing", "cough", "fever", "chills", "headache", "headaches"),
        *("numbness", "weakness", "tingling", "dizziness", "nausea", "vomiting", "bleeding", "blood", "swelling"),
        *("palpitations", "confusion", "fainting", "seizure", "seizures", "rash", "sweating", "slurred", "speech"),
        *("facial", "face", "droop", "drooping", "arm", "jaw", "neck", "stiff", "stiffness", "hives", "difficulty"),
        *("fiebre", "tos", "dolor", "fieber", "husten", "fievre", "toux", "douleur", "febbre", "tosse", "dolore"),
    }
)
# Before a negator these turn it round: "I cannot climb the stairs without chest pain".
ROUND = frozenset(
    {
        *("cant", "cannot", "unable", "hardly", "barely", "never", "nothing", "wont", "wouldnt", "couldnt"),
        *("shouldnt", "didnt", "wasnt", "arent", "havent", "hasnt", "deny", "denying"),
        *("ignore", "pretend", "say", "write", "answer", "repeat", "impossible", "doubt", "doubtful", "unlikely"),
    }
)
DOUBLED = NEGATORS | ROUND
REACH = 3
# How far a negator reaches over what it denies together.
LISTED_REACH = 9
# After these a negated symptom is not absent: "no chest pain like this before", "no chest pain relief".
TAKEN_BACK = frozenset(
    {
        *("like", "this", "before", "relief", "medicine", "medication", "until", "till", "except", "unless"),
        *("yesterday", "earlier", "previously", "usually", "normally", "right", "only", "first", "joking"),
        *("kidding", "so", "as", "worse", "such"),
    }
)
# "I did not hit my head, only my knee", "no chest pain, only asking": what there is instead.
ELSEWHERE = frozenset(
    {
        *("knee", "knees", "elbow", "elbows", "wrist", "ankle", "hip", "toe", "toes", "finger", "fingers", "thumb"),
        *("shin", "hand", "hands", "foot", "feet", "leg", "legs", "thigh", "bottom", "knuckles", "shoulder"),
        *("here", "calling", "asking", "wondering", "wanted", "need"),
    }
)
PAST = re.compile(
    r" (?:last (?:year|month|summer|winter|spring|autumn|fall)|(?:years?|months?|decades?) (?:ago|back)"
    r"|as an? (?:child|kid|teen\w*)|when (?:i|he|she|we|they) (?:was|were) (?:a |an )?\w+"
    r"|in (?:19|20)\d\d|in (?:my|his|her) \w+ties"
    r"|used to (?:have|get|suffer)|(?:died|passed away) (?:of|from|after)) "
)
PRESENT = frozenset(
    {
        *("now", "today", "tonight", "again", "currently", "still", "since", "always", "this", "keep", "keeps"),
        *("worse", "same", "back", "returned", "returns", "started", "ongoing", "just", "suddenly", "morning"),
        *("minute", "minutes", "hour", "hours", "yesterday", "ever", "is", "are", "am", "im", "its", "feels"),
        *("another", "more", "stopped", "but", "hasnt", "havent", "help"),
        # What is like something past is not past.
        *("like", "similar", "resembles", "reminds", "identical", "than"),
    }
)
# Words of the present that tell that all is well, or ask about something else.
WELL = "(?:fine|ok|okay|well|good|better|healthy|recovered|resolved|normal|gone|clear|none|nothing|never)"
SETTLED = re.compile(
    rf" (?<!not )(?<!nt )(?<!hardly )(?:(?:im|its|i am|it is|he is|she is|hes|shes) )?(?:all |completely )?{WELL}"
    r" (?:now|today|(?:ever )?since)(?: then)?(?= )"
    rf"|(?<!not)(?<!nt)(?<!hardly) (?:now|today) (?:(?:im|its|i am|it is) )?(?:all |completely )?{WELL}(?= )"
    r"|(?<!not)(?<!nt) (?:back to normal|years ago now)(?= )"
    r"| am i (?!having |getting |going |dying |in |about )"
    r"| is (?:it|that|this) (?:safe|ok|okay|fine|possible|allowed|hereditary|genetic|inherited|on|listed)(?= )"
    r"| (?:is|are) there (?:a|an|any)(?= )"
    r"| (?:would|id) like(?= )| back in(?= (?:19|20)\d\d )"
)
# Whoever says one of these anywhere disputes something, perhaps the denial.
DISPUTED = frozenset({"wrong", "false", "untrue", "incorrect", "mistake", "mistaken", "lie", "lying", "nonsense"})
STOP, COMMA = ".", ","
PARTS = frozenset({STOP, COMMA})
# How far a clause and a sentence are followed; a longer one would make the time grow faster than the text.
CLAUSE = 25
SENTENCE = 40


class Absence:
    """What of WORDS is denied or past."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def covers(self, places: Sequence[int]) -> bool:
        """Return whether the symptom whose words stand at PLACES is denied, or of the past and not of now."""
        end = places[-1] + 1
        if self._may_be_denied and not self._is_taken_back(end):
            if self._is_denied(places[0], end, 0, BETWEEN):
                return True
            if len(places) > 1 and self._is_denied(places[-1], end, places[0], WITHIN):
                return True
        return self._is_past(places)

    @functools.cached_property
    def _may_be_denied(self) -> bool:
        return DISPUTED.isdisjoint(self._words) and not NEGATORS.isdisjoint(self._words)

    @functools.cached_property
    def _is_of_now(self) -> bool:
        return not PRESENT.isdisjoint(SETTLED.sub(" ", f" {' '.join(self._words)} ").split())

    def _is_taken_back(self, end: int) -> bool:
        for place in range(end, min(end + REACH, len(self._words))):
            if self._words[place] in TAKEN_BACK:
                after = self._words[place + 1 : place + REACH]
                return self._words[place] != "only" or ELSEWHERE.isdisjoint(after)
        return False

    def _is_denied(self, place: int, end: int, least: int, between: frozenset[str]) -> bool:
        """
        Return whether a negator close before PLACE, not before LEAST, denies it.

        Only words of BETWEEN may stand between the two, and symptoms in a list; the
        phrase is over at END. What is itself denied denies nothing.
        """
        words = self._words
        listing = self._goes_on(end)
        reach = LISTED_REACH if listing else REACH
        before = place - 1
        while before >= max(place - reach, least):
            word = words[before]
            if word in NEGATORS:
                # "No, chest pain or the like" answers something before.
                return words[before + 1] not in PARTS and self._denies(before)
            if word in EITHER:
                reach, listing = LISTED_REACH, True
            elif word not in between and not (listing and (word in LISTED or word == COMMA)):
                return False
            before -= 1
        return False

    def _goes_on(self, end: int) -> bool:
        """Return whether what stands at END makes a list of what came before it."""
        return next((word in EITHER for word in self._words[end : end + 2] if word != COMMA), False)

    def _denies(self, place: int) -> bool:
        """Return whether the negator at PLACE is one, rather than the second half of a double negation."""
        words = self._words
        if words[place] in NEVER and self._is_of_now:
            return False
        joint = place - 1
        while joint > max(place - REACH, 0) and words[joint] in JOINED:
            joint -= 1
        joined = joint >= 0 and words[joint] in BOTH
        return (ROUND if joined else DOUBLED).isdisjoint(self._clause_before(place))

    def _clause_before(self, place: int) -> Sequence[str]:
        start = place
        while start > 0 and place - start < CLAUSE and self._words[start - 1] not in PARTS:
            start -= 1
        return self._words[start:place]

    def _is_past(self, places: Sequence[int]) -> bool:
        """Return whether the sentence around PLACES speaks of the past and the whole question never of the present."""
        if self._is_of_now:
            return False
        words = self._words
        start, end = places[0], places[-1] + 1
        while start > 0 and places[0] - start < SENTENCE and words[start - 1] != STOP:
            start -= 1
        while end < len(words) and end - places[-1] < SENTENCE and words[end] != STOP:
            end += 1
        return PAST.search(f" {' '.join(words[start:end])} ") is not None
