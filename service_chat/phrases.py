r"""
Hear phrases in a question.

A pattern is a row of words: `a|b` is either, `limp*` any word that begins so,
and `..` up to three words in between. A question is heard without case,
apostrophes and hyphens; a comma or a full stop ends every pattern. All patterns
become regular expressions whose repetitions are bounded, so the time to hear a
question grows with its length only.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GAP = r"(?: \w[\w.]*){0,3}"
APOSTROPHES = re.compile(r"['\u2018\u2019\u02bc`]")
# A point between two digits ends no sentence.
SENTENCE_ENDS = re.compile(r"(?:[!?;:\n\r\u2026]|(?<!\d)\.|\.(?!\d))+")
COMMAS = re.compile(r"[,()\[\]\u2013\u2014]+")
OTHER = re.compile(r"[^\w\s.,]|_")

NEGATORS = frozenset({"no", "not", "without", "denies", "dont", "doesnt"})
# Words that may stand between a negator and what it negates; any other one ends its reach.
BETWEEN = frozenset(
    {
        *("a", "an", "any", "have", "has", "having", "had", "feel", "feeling", "of", "sign", "signs"),
        *("actual", "further", "more", "new", "real", "bad", "crushing", "severe", "strong", "sudden"),
    }
)
# Before a negator these turn it round: "I cannot climb the stairs without chest pain".
DOUBLED = NEGATORS | frozenset({"cant", "cannot", "unable", "hardly", "barely", "never", "nothing", "wont"})
REACH = 3
# After these a negated symptom is not absent: "no chest pain like this before", "no chest pain relief".
TAKEN_BACK = frozenset({"like", "this", "before", "relief", "medicine", "medication", "until", "till", "except"})
PAST = re.compile(
    r" (?:last (?:year|month|summer|winter|spring|autumn|fall)|(?:years?|months?|decades?) ago"
    r"|as an? (?:child|kid|teen\w*)|when i was (?:a |an )?\w+|in (?:19|20)\d\d) "
)
PRESENT = re.compile(r" (?:now|today|tonight|again|currently|still|since|always|this \w+|right away|keeps?|worse) ")


class Heard:
    """A question, ready to be searched."""

    def __init__(self, text: str) -> None:
        self.text = normalise(text)
        self.words = frozenset(self.text.split())

    def find(self, pattern: str) -> bool:
        """Return whether PATTERN occurs."""
        return _compiled(pattern).search(self.text) is not None

    def find_present(self, pattern: str) -> bool:
        """Return whether PATTERN occurs neither negated nor as something of the past."""
        return not all(self._is_absent(each) for each in self._occurrences(pattern))

    def _occurrences(self, pattern: str) -> Iterator[re.Match[str]]:
        # Overlapping ones count: in "no chest pain but chest pain" a longer first match must not hide the second.
        expression, position = _compiled(pattern), 0
        while found := expression.search(self.text, position):
            yield found
            position = found.start() + 1

    def _is_absent(self, found: re.Match[str]) -> bool:
        before = self.text[: found.start()].split()
        after = self.text[found.end() :].split()[:REACH]
        return (_is_negated(before) and TAKEN_BACK.isdisjoint(after)) or self._is_past(found)

    def _is_past(self, found: re.Match[str]) -> bool:
        """Return whether the sentence around FOUND speaks of the past and the whole question never of the present."""
        start = self.text.rfind(" . ", 0, found.start() + 1) + 1
        end = self.text.find(" . ", found.end())
        sentence = self.text[start : end + 1 if end >= 0 else None]
        return PAST.search(sentence) is not None and PRESENT.search(self.text) is None


def _is_negated(before: list[str]) -> bool:
    """Return whether the last of the words BEFORE a symptom deny it, and nothing earlier in the clause denies that."""
    clause = before[max((place + 1 for place, word in enumerate(before) if word in (".", ",")), default=0) :]
    for distance, word in enumerate(reversed(clause[-REACH:]), start=1):
        if word in NEGATORS:
            return DOUBLED.isdisjoint(clause[:-distance])
        if word not in BETWEEN:
            return False
    return False


def normalise(text: str) -> str:
    """Return TEXT as lower-case words between single blanks; ` . ` and ` , ` are all that is left of punctuation."""
    # Invisible characters go first, since they keep what is around them from being composed.
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).lower())
    plain = APOSTROPHES.sub("", plain)
    plain = COMMAS.sub(" , ", SENTENCE_ENDS.sub(" . ", plain))
    plain = OTHER.sub(" ", plain)
    return f" {' '.join(plain.split())} "


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    expression = ""
    for term in pattern.split():
        if term == "..":
            expression += GAP
            continue
        words = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in term.split("|"))
        expression += f" (?:{words})"
    return re.compile(f"{expression}(?= )")
