"""
Passages out of the record itself: no index, no network, the same ones every time.

A text is counted into 256 signed places by a hash that is the same in every
process; how near two texts are is the cosine between their counts. Two words
that share a place could make strangers look alike, so a passage counts only if
it has a word of the question.
"""

from __future__ import annotations

import functools
import math
import re
import zlib
from typing import TYPE_CHECKING

from service_chat.retrievers.base import Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service_chat.records import Document, Record

PLACES = 256
SIGN = 1 << 31
WORD = re.compile(r"[a-z0-9]+(?:[.][0-9]+)?")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
LONGEST = 300
# They are in every question and every document.
EMPTY = frozenset(
    (
        *("a", "about", "add", "added", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at"),
        *("be", "because", "been", "before", "being", "but", "by", "can", "cannot", "could", "d", "day", "days"),
        *("did", "didn", "do", "does", "doesn", "doing", "don", "down", "during", "each", "few", "file", "fine"),
        *("for", "from", "further", "get", "given", "go", "got", "had", "has", "hasn", "have", "haven", "having"),
        *("he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "isn", "it", "its"),
        *("itself", "just", "last", "let", "like", "ll", "m", "may", "me", "meant", "might", "moment", "month"),
        *("months", "more", "morning", "most", "much", "my", "need", "new", "no", "nor", "not", "note", "now", "of"),
        *("off", "okay", "on", "once", "one", "only", "or", "other", "our", "out", "over", "own", "patient", "per"),
        *("please", "re", "record", "s", "same", "she", "should", "since", "so", "some", "such", "t", "than", "that"),
        *("the", "their", "them", "then", "there", "these", "they", "this", "those", "three", "through", "to"),
        *("today", "too", "two", "under", "until", "up", "us", "ve", "very", "visit", "want", "was", "we", "week"),
        *("weeks", "were", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "would"),
        *("year", "years", "yesterday", "you", "your"),
    )
)


class MockRetriever:
    """Finds what is at least MIN_SCORE near, 0 to 1."""

    outside = False

    def __init__(self, min_score: float) -> None:
        self._min_score = min_score

    async def search(self, query: str, record: Record, k: int) -> list[Passage]:
        """Return the best passage of each of the K nearest documents; of two alike the one whose id comes first."""
        asked = words(query)
        wanted = counted(asked)
        own = (each for each in record.documents if each.patient_mrn == record.patient.mrn)
        found = [best for each in own if (best := _best(each, frozenset(asked), wanted, self._min_score))]
        found.sort(key=lambda each: (-each.score, each.doc_id))
        return found[:k]


def words(text: str) -> list[str]:
    """Return the words of TEXT that say something."""
    return [word for word in WORD.findall(text.lower()) if len(word) > 1 and word not in EMPTY]


def counted(told: Iterable[str]) -> dict[int, int]:
    """Return how often each place is hit by the words TOLD."""
    found: dict[int, int] = {}
    for word in told:
        place, sign = _place(word)
        found[place] = found.get(place, 0) + sign
    return found


def nearness(one: dict[int, int], other: dict[int, int]) -> float:
    """Return the cosine between two texts, 0 when nothing is in one of them."""
    product = sum(count * other.get(place, 0) for place, count in one.items())
    size = math.sqrt(sum(each * each for each in one.values()) * sum(each * each for each in other.values()))
    return product / size if size else 0.0


def _best(document: Document, asked: frozenset[str], wanted: dict[int, int], least: float) -> Passage | None:
    best: Passage | None = None
    title = words(document.title)
    for text in _parts(document.text):
        told = words(text)
        if asked.isdisjoint(told):
            continue
        # Rounded, so that the last bit of a sum decides no order.
        score = round(max(nearness(wanted, counted(told)), nearness(wanted, counted((*title, *told)))), 3)
        if score >= least and (best is None or score > best.score):
            best = Passage(document.doc_id, document.title, text, min(score, 1.0))
    return best


def _parts(text: str) -> Iterator[str]:
    """Yield the sentences of TEXT, what is too long cut at a blank."""
    for sentence in SENTENCE.split(text):
        yield sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST].rsplit(' ', 1)[0]} …"


@functools.lru_cache(maxsize=8192)
def _place(word: str) -> tuple[int, int]:
    code = zlib.crc32(word.encode())
    return code % PLACES, 1 if code & SIGN else -1
