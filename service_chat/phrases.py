"""
Hear phrases in a question.

A pattern is a row of words: `a|b` is either, `limp*` any word that begins so,
`..` up to three words in between and `...` up to seven; `.~` is `..` as long as
no other deed begins, as in "ate before the pills". A comma in between counts as
half a word and a full stop as one and a half. `!to|of` at the end are words that
must not follow. `#` begins what `tags` makes of figures and of drugs. Misspelt
words of alarm are heard as what they may stand for, and names that only hold a
word of alarm not at all. How far a pattern looks is bounded, so the
time to hear a question grows with its length only.
"""

from __future__ import annotations

import bisect
import functools
import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from service_chat import spelling, tags
from service_chat.denial import Absence
from service_chat.innocent import without_innocent
from service_chat.letters import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service_chat.rule import Patterns

# What may lie between two words of a pattern, in halves of a word; words side by side may be parted by a comma.
WORD = 2
WEIGHTS = {",": 1, ".": 3}
ROOM = {"": 1, "..": 3 * WORD, "...": 7 * WORD, ".~": 3 * WORD}
# Between the words around ".~" another deed begins with one of these.
DEEDS = frozenset(
    {"before", "after", "then", "when", "while", "with", "because", "since", "instead", "until"}
    | {"to", "for", "but", "why", "about", "by", "over"}
)
# Stems of patterns have so many letters.
SHORTEST_STEM, LONGEST_STEM = 2, 16


Listeners = dict[str, frozenset[str]]


class Heard:
    """A question, ready to be searched; what is among DRUGS is heard as a drug."""

    def __init__(self, text: str, drugs: frozenset[str] = frozenset()) -> None:
        self.text = without_innocent(normalise(text))
        self.tokens = [part for word in self.text.split() for part in spelling.split(word)]
        self.words = frozenset(self.tokens)
        self._at: defaultdict[str, list[int]] = defaultdict(list)
        for place, token in enumerate(self.tokens):
            follows = self.tokens[place + 1] if place + 1 < len(self.tokens) else ""
            for word in (token, *spelling.meant(token), *tags.figures(token, follows)):
                self._at[word].append(place)
                if word in drugs or word in tags.DRUGS:
                    self._at[tags.DRUG].append(place)
        self.spelt = frozenset(self._at)
        for word in self.spelt:
            for length in range(SHORTEST_STEM, min(len(word), LONGEST_STEM) + 1):
                self._at[f"{word[:length]}*"] += self._at[word]
        self._keys = frozenset(self._at)
        self._absence = Absence(self.tokens)
        self._weights = list(itertools.accumulate((WEIGHTS.get(word, WORD) for word in self.tokens), initial=0))

    def find(self, pattern: str) -> bool:
        """Return whether PATTERN occurs."""
        compiled = _compiled(pattern)
        return not compiled.rarest.isdisjoint(self._keys) and any(True for _ in self._occurrences(compiled))

    def find_present(self, pattern: str) -> bool:
        """Return whether PATTERN occurs neither negated nor as something of the past."""
        compiled = _compiled(pattern)
        if compiled.rarest.isdisjoint(self._keys):
            return False
        return self._is_present(compiled)

    def of(self, listeners: Listeners) -> set[str]:
        """Return which of LISTENERS may hear anything at all: without the rarest word of a pattern there is none."""
        return {name for key in listeners.keys() & self._keys for name in listeners[key]}

    def _is_present(self, pattern: Pattern) -> bool:
        return any(not self._absence.covers(each) for each in self._occurrences(pattern))

    def _occurrences(self, pattern: Pattern) -> Iterator[tuple[int, ...]]:
        """Yield the places of PATTERN's words, for each place where it begins and each where its last word may be."""
        if any(term.isdisjoint(self._keys) for term in pattern.terms):
            return
        places = [sorted({place for key in term & self._keys for place in self._at[key]}) for term in pattern.terms]
        for start in places[0]:
            for found in self._from(start, pattern, places):
                if pattern.unwanted.isdisjoint(self.tokens[found[-1] + 1 : found[-1] + 2]):
                    yield found

    def _from(self, start: int, pattern: Pattern, places: list[list[int]]) -> Iterator[tuple[int, ...]]:
        # Of all ways to reach a word one is enough: what lies between does not count.
        ways: dict[int, tuple[int, ...]] = {start: (start,)}
        for room, one_deed, at in zip(pattern.rooms[1:], pattern.one_deed[1:], places[1:], strict=True):
            further: dict[int, tuple[int, ...]] = {}
            for end, way in ways.items():
                for index in range(bisect.bisect_right(at, end), len(at)):
                    place = at[index]
                    if self._weights[place] - self._weights[end + 1] > room:
                        break
                    if one_deed and not DEEDS.isdisjoint(self.tokens[end + 1 : place]):
                        break
                    further.setdefault(place, (*way, place))
            ways = further
        yield from ways.values()


class Pattern(NamedTuple):
    """
    A pattern, ready to be looked for.

    `terms` has the keys of each word, `rooms` how much may lie before it,
    `one_deed` whether no other deed may begin there, `unwanted` what must not
    follow, and `rarest` is the term with the fewest keys.
    """

    terms: tuple[frozenset[str], ...]
    rooms: tuple[int, ...]
    one_deed: tuple[bool, ...]
    unwanted: frozenset[str]
    rarest: frozenset[str]


@functools.cache
def _compiled(pattern: str) -> Pattern:
    terms: list[frozenset[str]] = []
    rooms: list[int] = []
    one_deed: list[bool] = []
    unwanted: frozenset[str] = frozenset()
    gap = ""
    for part in pattern.split():
        if part in ROOM:
            gap = part
            continue
        words = frozenset(part.removeprefix("!").split("|"))
        if part.startswith("!"):
            unwanted = words
            continue
        terms.append(words)
        rooms.append(ROOM[gap])
        one_deed.append(gap == ".~")
        gap = ""
    return Pattern(tuple(terms), tuple(rooms), tuple(one_deed), unwanted, min(terms, key=len))


def listening(patterns: Mapping[str, Patterns]) -> Listeners:
    """Return by each key who listens for it, given the PATTERNS of each."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, each in patterns.items():
        for pattern in each:
            for key in _compiled(pattern).rarest:
                found[key].add(name)
    return {key: frozenset(names) for key, names in found.items()}
