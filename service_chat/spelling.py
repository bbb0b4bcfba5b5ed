"""
Words of alarm that were misspelt, run together, drawn out or written with digits.

A word that means itself is left alone; any other may stand for each word of
alarm that is one slip away (two from eight letters on): a letter too many,
missing, wrong, or swapped with its neighbour. What it may stand for is heard
beside it, never instead, so a slip can raise a level and not lower it. The slips
of the words of alarm are laid out once, so reading a word takes time by its
length only, and a word longer than any of them none.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from service_chat.alarming import NEIGHBOURS, SHORTHAND, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST = 4
LONGEST = 18
# From so many letters on, two slips are forgiven, and letters in another order.
TWO_SLIPS = 8
ANAGRAMS = 6
DIGITS = str.maketrans("013457", "oieast")
DRAWN_OUT = re.compile(r"(.)\1{2,}")


def split(word: str) -> tuple[str, ...]:
    """Return WORD, or the two words of alarm that it runs together."""
    if 2 * SHORTEST <= len(word) <= LONGEST and word not in NEIGHBOURS and word not in WORDS:
        for place in range(SHORTEST, len(word) - SHORTEST + 1):
            if word[:place] in WORDS and word[place:] in WORDS:
                return word[:place], word[place:]
    return (word,)


def meant(word: str) -> tuple[str, ...]:
    """Return the words of alarm that WORD may stand for beside itself, sorted."""
    if word in SHORTHAND:
        return (SHORTHAND[word],)
    if not SHORTEST <= len(word) <= LONGEST or word in NEIGHBOURS or word in WORDS:
        return ()
    plain = word if word.isalpha() else word.translate(DIGITS)
    if not plain.isalpha():
        return ()
    forms = {plain, DRAWN_OUT.sub(r"\1", plain), DRAWN_OUT.sub(r"\1\1", plain)}
    found = {each for form in forms for each in _near(form)}
    # Figures are mostly figures: only what is exactly a word of alarm when read as letters counts.
    return tuple(sorted(found if plain == word else found & forms))


def _near(word: str) -> Iterator[str]:
    slips = 2 if len(word) >= TWO_SLIPS else 1
    seen: set[str] = set()
    for shorter in _shortened(word, slips):
        seen.update(_slips().get(shorter, ()))
    for each in seen:
        # Hardly anybody mistypes the first letter, and nearly all words that look alike differ there.
        if each[0] == word[0] or each[:2] == word[1::-1]:
            allowed = 2 if min(len(word), len(each)) >= TWO_SLIPS else 1
            if _distance(word, each) <= allowed:
                yield each
    if len(word) >= ANAGRAMS:
        yield from _anagrams().get(_letters(word), ())


def _shortened(word: str, slips: int) -> set[str]:
    """Return WORD and what is left when up to SLIPS of its letters are taken out."""
    return {
        "".join(letter for place, letter in enumerate(word) if place not in out)
        for count in range(slips + 1)
        for out in itertools.combinations(range(len(word)), count)
    }


def _distance(one: str, other: str) -> int:
    """Return how many slips lead from ONE to OTHER."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != wanted))
            swapped = row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted
            line.append(min(cost, before[column - 2] + 1) if swapped else cost)
        before, last = last, line
    return last[-1]


def _letters(word: str) -> str:
    return f"{word[0]}{''.join(sorted(word[1:-1]))}{word[-1]}"


@functools.cache
def _slips() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(WORDS):
        for shorter in _shortened(word, 2 if len(word) >= TWO_SLIPS else 1):
            found[shorter].append(word)
    return {shorter: tuple(words) for shorter, words in found.items()}


@functools.cache
def _anagrams() -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(WORDS):
        found[_letters(word)].append(word)
    return {letters: tuple(words) for letters, words in found.items()}
