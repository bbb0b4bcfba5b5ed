"""Private data that no log may hold: everything that leads to one of the personas, and what they asked."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from tests.integration.services.process import ROOT

UNIT = ROOT / "tests/unit/service_chat"
SUMMARIES: dict[str, Any] = json.loads((UNIT / "summaries.json").read_text(encoding="utf-8"))
ALL: list[dict[str, Any]] = json.loads((UNIT / "golden.json").read_text(encoding="utf-8"))
# Those that are answered.
CASES = [each for each in ALL if each.get("urgency")]
UNKNOWN = ("P999999", "Which pills am I on, and who will ever know?")
RECORD_NUMBER = re.compile(r"P[0-9]{6}", re.IGNORECASE)
# So many words in a row are a quotation.
RUN = 4


def _of(patient: dict[str, Any]) -> list[str]:
    born = date.fromisoformat(patient["dob"])
    address = patient["address"]
    return [
        *patient["name"].values(),
        *(patient["dob"], f"{born:%m/%d/%Y}", f"{born:%B} {born.day}, {born.year}", f"{born:%Y%m%d}"),
        *(address["line1"], " ".join(address["line1"].split()[1:]), address["city"], address["zip"]),
    ]


IDENTITIES = sorted({each for summary in SUMMARIES.values() for each in _of(summary["patient"])})
QUESTIONS = [(each["mrn"], each["query"]) for each in CASES]


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))


def _quotations() -> set[str]:
    found = set()
    for _, query in (*QUESTIONS, UNKNOWN):
        words = _words(query).split()
        found |= {" ".join(words[first : first + RUN]) for first in range(len(words) - RUN + 1)}
    return found


QUOTATIONS = _quotations()


def quoted(text: str) -> list[str]:
    """Return what of it is in `text`, whatever the signs between the words are."""
    words = f" {_words(text)} "
    found = [each for each in IDENTITIES if f" {_words(each)} " in words]
    found += [each for each in QUOTATIONS if f" {each} " in words]
    return found + RECORD_NUMBER.findall(text)
