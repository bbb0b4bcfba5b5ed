"""
Hear phrases in a question.

A pattern is a row of words: `a|b` is either, `limp*` any word that begins so,
`..` up to three words in between and `...` up to seven. A comma in between
counts as half a word and a full stop as one and a half. `!to|of` at the end are
words that must not follow. `#low` and `#high` are figures that no sugar reading
should be, `#many` is a count that no intake should be. Misspelt words of alarm
are heard as what they may stand for. How far a pattern looks is bounded, so the
time to hear a question grows with its length only.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from service_chat import denial, spelling
from service_chat.letters import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

# What may lie between two words of a pattern, in halves of a word; words side by side may be parted by a comma.
WORD = 2
WEIGHTS = {",": 1, ".": 3}
ROOM = {"": 1, "..": 3 * WORD, "...": 7 * WORD}
# Stems of patterns have so many letters.
SHORTEST_STEM, LONGEST_STEM = 2, 16

# Sugar in mg/dL; below two digits it is hardly a reading, nor above three.
FIGURE = re.compile(r"[1-9][0-9]{1,2}")
TOO_LOW = 70
TOO_HIGH = 300
MANY = 10
UNITS = frozenset({"mg", "ml", "mcg", "g", "units", "minutes", "hours", "days", "weeks", "years", "am", "pm"})


class Heard:
    """A question, ready to be searched."""

    def __init__(self, text: str) -> None:
        self.text = normalise(text)
        self.tokens = [part for word in self.text.split() for part in spelling.split(word)]
        self.words = frozenset(self.tokens)
        self._at: defaultdict[str, list[int]] = defaultdict(list)
        for place, token in enumerate(self.tokens):
            follows = self.tokens[place + 1] if place + 1 < len(self.tokens) else ""
            for word in (token, *spelling.meant(token), *_figures(token, follows)):
                self._at[word].append(place)
        self.spelt = frozenset(self._at)
        for word in self.spelt:
            for length in range(SHORTEST_STEM, min(len(word), LONGEST_STEM) + 1):
                self._at[f"{word[:length]}*"] += self._at[word]
        self._keys = frozenset(self._at)
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
        return any(not denial.is_absent(self.tokens, each) for each in self._occurrences(compiled))

    def _occurrences(self, pattern: Pattern) -> Iterator[tuple[int, ...]]:
        """Yield the places of PATTERN's words, for each place where it begins and each where its last word may be."""
        if any(term.isdisjoint(self._keys) for term in pattern.terms):
            return
        places = [sorted({place for key in term & self._keys for place in self._at[key]}) for term in pattern.terms]
        for start in places[0]:
            for found in self._from(start, pattern.rooms, places):
                if pattern.unwanted.isdisjoint(self.tokens[found[-1] + 1 : found[-1] + 2]):
                    yield found

    def _from(self, start: int, rooms: tuple[int, ...], places: list[list[int]]) -> Iterator[tuple[int, ...]]:
        # Of all ways to reach a word one is enough: what lies between does not count.
        ways: dict[int, tuple[int, ...]] = {start: (start,)}
        for room, at in zip(rooms[1:], places[1:], strict=True):
            further: dict[int, tuple[int, ...]] = {}
            for end, way in ways.items():
                for index in range(bisect.bisect_right(at, end), len(at)):
                    place = at[index]
                    if self._weights[place] - self._weights[end + 1] > room:
                        break
                    further.setdefault(place, (*way, place))
            ways = further
        yield from ways.values()


class Pattern(NamedTuple):
    """
    A pattern, ready to be looked for.

    `terms` has the keys of each word and `rooms` how much may lie before it,
    `unwanted` what must not follow, and `rarest` is the term with the fewest keys.
    """

    terms: tuple[frozenset[str], ...]
    rooms: tuple[int, ...]
    unwanted: frozenset[str]
    rarest: frozenset[str]


@functools.cache
def _compiled(pattern: str) -> Pattern:
    terms: list[frozenset[str]] = []
    rooms: list[int] = []
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
        gap = ""
    return Pattern(tuple(terms), tuple(rooms), unwanted, min(terms, key=len))


def _figures(token: str, follows: str) -> Iterator[str]:
    """Yield what the figure TOKEN would be as a sugar reading in mg/dL, and as a count unless a unit FOLLOWS."""
    if FIGURE.fullmatch(token):
        if not TOO_LOW <= int(token) <= TOO_HIGH:
            yield "#low" if int(token) < TOO_LOW else "#high"
        if int(token) >= MANY and follows not in UNITS:
            yield "#many"
