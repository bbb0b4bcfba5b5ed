"""What is known of the patient whom a request is about, to be found again in whatever text it turned up."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise, product

from service_kit.identifiers import MASK

# Percent and backslash escapes part words; masks are words that nobody knows.
WORD = re.compile(r"%[0-9A-Fa-f]{2}|\\[nrt]|(\*+|mrn:[0-9a-f]{8}|[^\W_]+)")
NUMBER = re.compile(r"p\d{6}")
MASKED = re.compile(r"\*+|mrn:[0-9a-f]{8}")
# So many words of a longer text give it away.
RUN = 3
LONGEST_TEXT = 4096
# They say nothing of where a street is; a state is no more than a state.
STREETS = frozenset(
    (
        *("avenue", "blvd", "boulevard", "circle", "court", "drive", "hill", "lane"),
        *("mews", "place", "road", "square", "street", "terrace", "way"),
    )
)
OPEN = frozenset({"state", "sex"})
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

Run = tuple[str, ...]


class Known:
    """Words, and runs of words, that lead to one person."""

    def __init__(self) -> None:
        self._new: list[object] = []
        self._runs: set[Run] = set()
        self._lengths: tuple[int, ...] = ()

    def learn(self, value: object) -> None:
        """
        Take VALUE: a string is a text somebody wrote; what is in a mapping or a list are values of a person's.

        A callable is asked for one when it is needed, if it ever is.
        """
        # Most requests write no line that has to be searched, so it is not taken apart before one does.
        self._new.append(value)

    def mask(self, text: str) -> str:
        """Return TEXT without what is known, in time proportional to its length."""
        if self._new:
            self._digest()
        spans = [found.span(1) for found in WORD.finditer(text) if found[1]]
        words = [text[start:end].casefold() for start, end in spans]
        told: list[list[int]] = []
        for index in range(len(words)):
            if length := self._length(words, index):
                # A run may begin within another; they go as one.
                if told and index < told[-1][1]:
                    told[-1][1] = max(told[-1][1], index + length)
                else:
                    told.append([index, index + length])
        parts, kept = [], 0
        for first, end in told:
            parts.append(text[kept : spans[first][0]])
            kept = spans[end - 1][1]
        return MASK.join([*parts, text[kept:]])

    def _digest(self) -> None:
        for each in self._new:
            value = each() if callable(each) else each
            if isinstance(value, str):
                self._learn_text(value)
            else:
                self._learn_values(value)
        self._new.clear()
        self._lengths = tuple(sorted({len(run) for run in self._runs}, reverse=True))

    def _length(self, words: list[str], index: int) -> int:
        """Return how many of WORDS from INDEX on are a known run."""
        for length in self._lengths:
            run = tuple(words[index : index + length])
            if run in self._runs:
                return len(run)
        return 0

    def _learn_text(self, text: str) -> None:
        for words in _parts(text[:LONGEST_TEXT]):
            size = min(RUN, len(words))
            self._runs.update(tuple(words[first : first + size]) for first in range(len(words) - size + 1))

    def _learn_values(self, value: object) -> None:
        if isinstance(value, Mapping):
            for key, each in value.items():
                if key not in OPEN:
                    self._learn_values(each)
            both = [str(value.get(part, "")).casefold() for part in ("first", "last")]
            if all(both):
                # As addresses of mail and names of files have them.
                self._runs |= {("".join(both),), ("".join(reversed(both)),)}
        elif isinstance(value, date):
            self._runs |= _dates(value)
        elif isinstance(value, str):
            with contextlib.suppress(ValueError):
                self._runs |= _dates(date.fromisoformat(value))
            for words in _parts(value):
                self._runs |= {(word,) for word in words if _telling(word)}
                self._runs |= set(pairwise(words))
        elif isinstance(value, Iterable):
            for each in value:
                self._learn_values(each)


def _parts(text: str) -> list[list[str]]:
    """Return the words of TEXT, parted where something is masked already."""
    parts: list[list[str]] = [[]]
    for found in WORD.finditer(text):
        word = found[1]
        if word and MASKED.fullmatch(word):
            parts.append([])
        elif word:
            parts[-1].append(word.casefold())
    return [words for words in parts if words]


def _telling(word: str) -> bool:
    if word.isdigit():
        return len(word) >= 5  # noqa: PLR2004 - a ZIP code; a house's number alone is a number
    # A record's number has a form of its own, and becomes a hash.
    return len(word) > 1 and word not in STREETS and not NUMBER.fullmatch(word)


def _dates(day: date) -> set[Run]:
    """Return the usual ways to write DAY."""
    name = MONTHS[day.month - 1]
    years = {f"{day:%Y}", f"{day:%y}"}
    days = {str(day.day), f"{day:%d}"}
    months = {str(day.month), f"{day:%m}", name, name[:3]}
    found: set[Run] = {(f"{day:%Y%m%d}",), (f"{day:%m%d%Y}",), (f"{day:%d%m%Y}",)}
    for year, month, number in product(years, months, days):
        found |= {(year, month, number), (month, number, year), (number, month, year)}
    ordinal = {f"{number}{suffix}" for number in days for suffix in ("st", "nd", "rd", "th")}
    for year, month, number in product(years, (name, name[:3]), ordinal):
        found |= {(month, number, year), (number, month, year)}
    return found
