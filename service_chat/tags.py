"""What figures and names of drugs are heard as, beside themselves: `#` and what kind they may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service_chat import clinical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_chat.records import Record

DRUG = "#drug"
# Those that are in many homes; those of the record come on top.
DRUGS = frozenset().union(
    *clinical.DRUGS.values(),
    {
        *("metformin", "glipizide", "lisinopril", "metoprolol", "bisoprolol", "amlodipine", "digoxin", "ramipril"),
        *("sertraline", "fluoxetine", "citalopram", "amitriptyline", "lithium", "quetiapine", "lorazepam"),
        *("diazepam", "alprazolam", "zolpidem", "oxycodone", "codeine", "tramadol", "morphine", "methadone"),
        *("gabapentin", "levothyroxine", "paracetamol", "acetaminophen", "tylenol", "xanax", "valium", "benadryl"),
    },
)
# What a drug comes in, as part of its name in a record.
FORMS = frozenset({"inhaler", "tablet", "capsule", "cream", "solution", "spray", "syrup", "release", "extended"})
SHORTEST = 5

FIGURE = re.compile(r"[1-9][0-9]{1,2}")
MRN = re.compile(r"p[0-9]{6}")
UNITS = frozenset({"mg", "ml", "mcg", "g", "units", "minutes", "hours", "days", "weeks", "years", "am", "pm"})
WEEKS = frozenset({"week", "weeks", "wks", "wk", "w"})
# Sugar in mg/dL; below two digits it is hardly a reading, nor above three.
TOO_LOW, TOO_HIGH = 70, 300
# A count that no intake should be.
MANY = 10
# Oxygen in percent, breaths a minute, upper blood pressure in mmHg, weeks of a pregnancy.
LOW_OXYGEN = range(40, 90)
FAST_BREATHS = range(30, 81)
HIGH_PRESSURE = range(180, 301)
LATE_PREGNANCY = range(20, 43)


def figures(token: str, follows: str) -> Iterator[str]:
    """Yield what the figure or record number TOKEN may be, by itself and by what FOLLOWS."""
    if MRN.fullmatch(token):
        yield "#mrn"
    if not FIGURE.fullmatch(token):
        return
    number = int(token)
    if not TOO_LOW <= number <= TOO_HIGH:
        yield "#low" if number < TOO_LOW else "#high"
    if number >= MANY and follows not in UNITS:
        yield "#many"
    if number in LOW_OXYGEN:
        yield "#lowoxygen"
    if number in FAST_BREATHS:
        yield "#fastbreaths"
    if number in HIGH_PRESSURE:
        yield "#highpressure"
    if number in LATE_PREGNANCY and follows in WEEKS:
        yield "#gestation"


def drugs(record: Record) -> frozenset[str]:
    """Return the words by which RECORD names what is or was taken."""
    words = {word for each in record.patient.medications for word in each.drug.lower().split()}
    return frozenset(word for word in words - FORMS if len(word) >= SHORTEST)
