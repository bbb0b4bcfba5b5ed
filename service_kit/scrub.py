"""
Keeping patients out of the log: whatever a line is made of goes through here.

What is known of the patient at hand is looked for first, what has the form of
an identifier second; what stands under a name such as `query` is not looked
at at all.
"""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from datetime import date
from typing import TYPE_CHECKING

from service_kit.identifiers import MASK, Identifiers
from service_kit.known import Known
from service_kit.spans import Spans

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from structlog.typing import EventDict, WrappedLogger

MASKED_KEYS = frozenset(
    (
        *("name", "first", "last", "first_name", "last_name", "dob", "date_of_birth", "address", "line1", "zip"),
        *("phone", "email", "npi", "ssn", "content", "query", "text", "notes", "prompt", "response", "passage"),
    )
)
HASHED_KEYS = frozenset({"mrn", "patient_mrn"})
# Of a text, in characters, of a collection and of a line; what is longer serves nobody who reads a log.
LONGEST = 4096
WIDEST = 100
MOST = 500
DEEPEST = 6
CUT = "…"
# Digits of a number that may be a person's, of a telephone for one.
LONG = 9
# The one line of each request: its fields are an allow-list, and a route's template has no digit and no blank.
ACCESS = frozenset({"event", "method", "route", "status", "duration_ms", "trace_id"})
SOMETIMES = ACCESS | {"patient_mrn", "spans"}
TEMPLATE = re.compile(r"[a-z_/{}.*-]*")

_known: ContextVar[Known | None] = ContextVar("known", default=None)


def begin() -> None:
    """Know nobody yet: what is learned from here on, by tasks begun from here on too, is of one request."""
    _known.set(Known())


def know(*values: object) -> None:
    """
    Let the log leave out VALUES for as long as this request is answered.

    A string is a text somebody wrote: it is left out as a whole and by runs of
    its words. The strings and dates in a mapping or a list are a person's
    values: each word of a name or an address is left out wherever it stands,
    and a date in any of its usual spellings. A callable that returns any of
    these is called once the first line is to be searched.
    """
    known = _known.get()
    if known is None:
        known = Known()
        _known.set(known)
    for each in values:
        known.learn(each)


class Scrubber:
    """A step of the log; KEY keeps the hashes of one patient alike across processes, made here when None."""

    def __init__(self, key: str | None = None) -> None:
        # The hash takes keys up to so many bytes.
        self._identifiers = Identifiers(key.encode()[:32] if key else secrets.token_bytes(32))

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        """Return EVENT without what leads to a patient; structlog calls it for each line."""
        if ACCESS <= event.keys() <= SOMETIMES and TEMPLATE.fullmatch(event["route"]):
            if "patient_mrn" in event:
                event["patient_mrn"] = self._identifiers.hashed_only(event["patient_mrn"])
            if "spans" not in event or type(event["spans"]) is Spans:
                return event
        found: EventDict = self.scrub(dict(event))
        return found

    def scrub(self, value: Any) -> Any:
        """Return a copy of VALUE without it; what is no text, number, mapping or list becomes the name of its type."""
        return _Pass(self._identifiers, _known.get()).value(value, 0)

    def text(self, text: str) -> str:
        """Return TEXT, cut if it is long, without what leads to a patient."""
        return _Pass(self._identifiers, _known.get()).text(text)


class _Pass:
    """One value's way through, which ends after so many parts."""

    def __init__(self, identifiers: Identifiers, known: Known | None) -> None:
        self._identifiers = identifiers
        self._known = known
        self._left = MOST

    def value(self, value: Any, depth: int) -> Any:
        self._left -= 1
        found: Any = value
        if isinstance(value, str):
            found = self.text(str(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            told = self._number(str(value))
            found = value if told == str(value) else told
        elif isinstance(value, date):
            found = self.text(value.isoformat())
        elif isinstance(value, dict | list | tuple | set | frozenset):
            found = self._collection(value, depth) if depth < DEEPEST else CUT
        elif not isinstance(value, bool | float | None):
            found = self.text(type(value).__name__)
        return found

    def _number(self, digits: str) -> str:
        """Return DIGITS unless they are a patient's: processes, ports and durations are as long as a ZIP code."""
        if len(digits) >= LONG:
            return self.text(digits)
        return self._known.mask(digits) if self._known else digits

    def _collection(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self._mapping(value, depth)
        return [self.value(each, depth + 1) for each in list(value)[:WIDEST] if self._left > 0]

    def _mapping(self, value: MutableMapping[Any, Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, each in list(value.items())[:WIDEST]:
            if self._left <= 0:
                break
            name = key.casefold().replace("-", "_") if isinstance(key, str) else ""
            told = self.text(key) if isinstance(key, str) else str(self.value(key, depth + 1))
            if each is None:
                found[told] = None
            elif name in MASKED_KEYS:
                found[told] = MASK
            elif name in HASHED_KEYS:
                found[told] = self._identifiers.hashed_only(each)
            else:
                found[told] = self.value(each, depth + 1)
        return found

    def text(self, text: str) -> str:
        text = _cut(text)
        if self._known:
            # Twice: what is known may stand beside an identifier without a gap.
            text = self._known.mask(self._identifiers.mask(self._known.mask(text)))
        else:
            text = self._identifiers.mask(text)
        return _cut(text)


def _cut(text: str) -> str:
    """Return TEXT if it is short enough, and else its beginning up to a blank: half a name would not be known."""
    if len(text) <= LONGEST:
        return text
    end = text.rfind(" ", 0, LONGEST - 1)
    return text[: max(end, 0)] + CUT
