"""Patterns said as somebody would say them."""

from __future__ import annotations

STANDING_FOR = {
    "#low": "40",
    "#high": "420",
    "#many": "30",
    "#drug": "metformin",
    "#mrn": "p000102",
    "#lowoxygen": "82",
    "#fastbreaths": "40",
    "#highpressure": "230",
    "#gestation": "30 weeks",
}


def spoken(pattern: str) -> str:
    """Return a row of words that PATTERN is made to hear: the first of each choice."""
    first = [part.partition("|")[0].replace("*", "") for part in pattern.split() if part[0] not in ".!"]
    return " ".join(STANDING_FOR.get(each, each) for each in first)
