"""Dates and beginnings of sentences, in English whatever the machine's locale is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def month(day: date) -> str:
    """Return the month of DAY, as in May 2025."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def day_of(day: date) -> str:
    """Return DAY as in 5 May 2025."""
    return f"{day.day} {month(day)}"


def capital(text: str) -> str:
    """Return TEXT with its first letter as a capital and the rest as it is."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Return TEXT with its first letter small and the rest as it is."""
    return text[:1].lower() + text[1:]
