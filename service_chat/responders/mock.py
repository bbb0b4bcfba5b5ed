"""Answers put together from the rules and the record: no model, no network, the same words every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_chat.responders.base import Case, Reply

if TYPE_CHECKING:
    from service_chat.assessment import Finding

LOWERED = (
    "You mention {what} as absent or past, so it does not count as happening now. "
    "If it is there now, call your local emergency number."
)


class MockResponder:
    """Say what the decisive rules say, and what the record holds to it."""

    async def respond(self, case: Case) -> Reply:
        said = dict.fromkeys(part for each in case.assessment.decisive for part in _parts(each))
        return Reply(" ".join(said))


def _parts(finding: Finding) -> list[str]:
    rule = finding.rule
    parts = [LOWERED.format(what=rule.what) if finding.lowered else rule.says]
    if finding.facts:
        parts.append(f"On your record: {'; '.join(fact.text for fact in finding.facts)}.")
    elif rule.empty:
        parts = [rule.empty]
    return [part for part in parts if part]
