"""What a question and a record have to do with each other: entries of the record that an answer may rest on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_chat.clinical import FAMILY_NAMES, family, group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_chat.phrases import Heard
    from service_chat.records import Document, Medication, Record

SENTENCE = re.compile(r"(?<=[.!?])\s+")
QUOTED = 2


@dataclass(frozen=True)
class Fact:
    """
    An entry of the record.

    `text` is how an answer tells it, `term` how documents mention it, if they
    do, and `kind` what sort of entry it is.
    """

    text: str
    term: str = ""
    kind: str = "record"


Facts = tuple[Fact, ...]
Look = Callable[["Heard", "Record"], Facts]


def takes(drugs: str) -> Look:
    """Return the look for current medication of the family DRUGS."""

    def look(_: Heard, record: Record) -> Facts:
        return tuple(
            Fact(f"{each.drug}, {FAMILY_NAMES[drugs]}", each.drug, "medication")
            for each in record.patient.current_medications
            if family(each.drug.lower()) == drugs
        )

    return look


def has(conditions: str) -> Look:
    """Return the look for conditions of the group CONDITIONS."""

    def look(_: Heard, record: Record) -> Facts:
        return tuple(
            Fact(each.display, conditions.partition(" ")[0], "condition")
            for each in record.patient.conditions
            if group(each.code) == conditions
        )

    return look


def reacted_to_named_drug(heard: Heard, record: Record) -> Facts:
    """Look for an allergy to a drug that the question names, or to a relative of it."""
    found = []
    for allergy in record.patient.allergies:
        substance = allergy.substance.lower()
        related = family(substance)
        for word in sorted(heard.spelt):
            if word == substance or (related and family(word) == related):
                kind = f" ({word} is {FAMILY_NAMES[related]})" if related and word != substance else ""
                found.append(Fact(f"{allergy.reaction} after {allergy.substance}{kind}", allergy.substance, "allergy"))
    return tuple(found)


def names_with(drugs: str, look: Look) -> Look:
    """Return LOOK for questions that name a drug of the family DRUGS, and the look that finds nothing otherwise."""

    def both(heard: Heard, record: Record) -> Facts:
        return look(heard, record) if any(family(word) == drugs for word in heard.spelt) else ()

    return both


def medications(_: Heard, record: Record) -> Facts:
    """Look up all that is taken at present, with its directions."""
    return tuple(
        Fact(f"{each.name} ({each.sig})", each.drug, "medication") for each in record.patient.current_medications
    )


def conditions(_: Heard, record: Record) -> Facts:
    return tuple(Fact(each.display, group(each.code) or "", "condition") for each in record.patient.conditions)


def allergies(_: Heard, record: Record) -> Facts:
    return tuple(
        Fact(f"{each.substance} ({each.reaction})", each.substance, "allergy") for each in record.patient.allergies
    )


def last_claim(_: Heard, record: Record) -> Facts:
    """Look up the newest claim; a record never says why a payer decided as it did."""
    return tuple(
        Fact(
            f"claim {each.claim_id} of {each.service_date} with {each.payer}: "
            f"status {each.status}, your share {each.patient_responsibility:.2f} USD",
            kind="claim",
        )
        for each in record.recent_claims[:1]
    )


def last_visit(_: Heard, record: Record) -> Facts:
    """Look up when, where and with whom the newest visit was."""
    found = []
    for each in record.recent_encounters[:1]:
        provider = record.provider(each.provider_id)
        whom = f", with {provider.told}" if provider else ""
        found.append(Fact(f"{each.type} visit on {each.start:%Y-%m-%d}, {each.location}{whom}", kind="visit"))
    return tuple(found)


def primary_care_provider(_: Heard, record: Record) -> Facts:
    provider = record.provider(record.patient.primary_care_provider_id)
    return (Fact(f"primary care provider {provider.told}", kind="provider"),) if provider else ()


def vitals(_: Heard, record: Record) -> Facts:
    """Look up what was measured last: weight, blood pressure, heart rate."""
    newest: dict[str, Fact] = {}
    for encounter in record.recent_encounters:
        measured = encounter.vitals
        told = {
            "weight": f"{measured.weight_kg:g} kg" if measured.weight_kg else "",
            "blood pressure": f"{measured.bp_systolic}/{measured.bp_diastolic} mmHg"
            if measured.bp_systolic and measured.bp_diastolic
            else "",
            "heart rate": f"{measured.heart_rate}/min" if measured.heart_rate else "",
        }
        for name, value in told.items():
            if value:
                newest.setdefault(name, Fact(f"{name} {value} on {encounter.start:%Y-%m-%d}", kind="vital"))
    return tuple(newest.values())


def nothing(_: Heard, _record: Record) -> Facts:
    """Look for what no record holds."""
    return ()


def labs(_: Heard, record: Record) -> Facts:
    """Look up the newest value of each laboratory test."""
    newest: dict[str, Fact] = {}
    for encounter in record.recent_encounters:
        for each in encounter.labs:
            text = f"{each.name} {each.value:g} {each.unit} on {each.collected_at:%Y-%m-%d}"
            newest.setdefault(each.name, Fact(text, each.name, "lab"))
    return tuple(newest.values())


def history_of_named_medication(heard: Heard, record: Record) -> Facts:
    """Look up a medication that the question names: since when, and what the newest documents say of it."""
    found = []
    for each in _named(heard, record):
        until = f" until {each.end_date}" if each.end_date else ""
        found.append(Fact(f"{each.drug} since {each.start_date}{until}", each.drug, "medication"))
        newest = sorted(record.documents, key=lambda document: document.metadata.created_at, reverse=True)
        quotes = [Fact(quote, each.drug, "document") for document in newest for quote in _quotes(document, each.drug)]
        found += quotes[:QUOTED]
    return tuple(found)


def _quotes(document: Document, drug: str) -> Iterator[str]:
    """Yield where DOCUMENT mentions DRUG: that sentence with the one before, which tends to hold the reason."""
    before = ""
    for sentence in SENTENCE.split(document.text):
        if drug.lower() in sentence.lower():
            quote = f"{before} {sentence}".strip()
            yield f'"{quote}" ({document.title})'
        before = sentence


def _named(heard: Heard, record: Record) -> list[Medication]:
    return [each for each in record.patient.medications if each.drug.lower() in heard.spelt]
