"""The rules' own words: the same ones every time, and what stands when a model's words cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service_chat.assessment import Assessment, Finding

LOWERED = (
    "You mention {what} as absent or past, so it does not count as happening now. "
    "If it is there now, call your local emergency number."
)


def words(assessment: Assessment) -> str:
    """Return what the decisive rules say, and what the record holds to it."""
    return " ".join(dict.fromkeys(part for each in assessment.decisive for part in _parts(each)))


def _parts(finding: Finding) -> list[str]:
    rule = finding.rule
    parts = [LOWERED.format(what=rule.what) if finding.lowered else rule.says]
    if finding.facts:
        parts.append(f"On your record: {'; '.join(fact.text for fact in finding.facts)}.")
    elif rule.empty:
        parts = [rule.empty]
    return [part for part in parts if part]
