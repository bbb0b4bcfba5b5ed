"""A patient's summary, put together from rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from service_db_api.store.row import Row

ENCOUNTERS = CLAIMS = 10
DOCUMENTS = 20


@dataclass(frozen=True)
class Limits:
    """How many of each a summary lists at most."""

    encounters: int = ENCOUNTERS
    claims: int = CLAIMS
    documents: int = DOCUMENTS


WHOLE = Limits()


@dataclass(frozen=True)
class Parts:
    """
    What a summary is made of: rows newest first, at least as many as it lists, and how many there are.

    Care plans are apart from the `others`, for they keep their place when there
    are more documents than fit.
    """

    patient: Row
    encounters: Sequence[Row]
    claims: Sequence[Row]
    plans: Sequence[Row]
    others: Sequence[Row]
    counts: tuple[int, int, int]

    def named(self, limits: Limits = WHOLE) -> set[str]:
        """Return the ids of the providers whom anything listed within LIMITS names."""
        return _named(
            self.patient,
            self.encounters[: limits.encounters],
            chosen(self.plans, self.others, limits.documents),
        )


def assembled(parts: Parts, providers: Mapping[str, Row], limits: Limits = WHOLE) -> Row:
    """Return the summary of PARTS within LIMITS; PROVIDERS, by id, holds at least those whom it names."""
    encounters, claims, documents = parts.counts
    summary = {
        "patient": parts.patient,
        "recent_encounters": list(parts.encounters),
        "recent_claims": list(parts.claims),
        "documents": chosen(parts.plans, parts.others, limits.documents),
        "providers": [_shown(providers[name]) for name in sorted(parts.named(limits)) if name in providers],
        "summary_metadata": {
            "mrn": parts.patient["mrn"],
            "encounter_count": encounters,
            "claim_count": claims,
            "document_count": documents,
        },
    }
    return cut(summary, limits)


def cut(summary: Row, limits: Limits) -> Row:
    """Return SUMMARY, as rows or as parsed JSON, with no more than LIMITS allow; totals stay."""
    plans = [each for each in summary["documents"] if each["source_type"] == "care_plan"]
    others = [each for each in summary["documents"] if each["source_type"] != "care_plan"]
    encounters = summary["recent_encounters"][: limits.encounters]
    documents = chosen(plans, others, limits.documents)
    named = _named(summary["patient"], encounters, documents)
    return {
        **summary,
        "recent_encounters": encounters,
        "recent_claims": summary["recent_claims"][: limits.claims],
        "documents": documents,
        "providers": [each for each in summary["providers"] if each["provider_id"] in named],
    }


def chosen(plans: Sequence[Row], others: Sequence[Row], limit: int) -> list[Row]:
    """Return LIMIT documents at most, newest first: PLANS, and OTHERS where there is room."""
    documents = sorted([*plans, *others][:limit], key=lambda each: str(each["doc_id"]))
    documents.sort(key=lambda each: each["metadata"]["created_at"], reverse=True)
    return documents


def _named(patient: Row, encounters: Iterable[Row], documents: Iterable[Row]) -> set[str]:
    found: list[Any] = [patient.get("primary_care_provider_id")]
    found += [each.get("provider_id") for each in encounters]
    found += [each["metadata"].get("author_provider_id") for each in documents]
    return {each for each in found if each is not None}


def _shown(provider: Row) -> Row:
    return {name: provider[name] for name in ("provider_id", "name", "specialty")}
