"""An answer whose words take longer than its level."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.browser.slow import served
from tests.browser.visit import LAST

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visits

pytestmark = pytest.mark.slow

TRACE = "0123456789abcdef0123456789abcdef"
RULES = {
    "trace_id": TRACE,
    "urgency": "emergency",
    "next_step": "Call your local emergency number now.",
    "matched_rules": ["red_flag.breathing"],
    "facts": [{"kind": "condition", "text": "asthma"}],
}
ANSWER = {**RULES, "response": "All of it.", "disclaimer": "Not advice.", "inference_time_ms": 4000, "citations": []}
PROBLEM = {"code": "llm_timeout", "trace_id": TRACE, "status": 504}


def event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


FIRST = event("assessment", RULES) + event("delta", {"text": "Words "})


@pytest.mark.parametrize(
    ("then", "title"),
    [
        pytest.param(event("problem", PROBLEM), "The answer took too long", id="problem"),
        pytest.param("", "The answer broke off", id="broken-off"),
        pytest.param(event("answer", {"urgency": "calm"}), "The answer broke off", id="unreadable"),
    ],
)
def test_level_stays_when_the_words_do_not_come(visit: Visits, address: str, then: str, title: str) -> None:
    """An emergency that the rules found is still shown as one, with what went wrong beneath."""
    with served(address, FIRST, then) as slow:
        slow.go.set()
        there = visit(address=slow.address)
        turn = there.ask("P000103", "My inhaler isn't helping.")

        assert turn.get_attribute("data-level") == "emergency"
        assert there.text(turn, "next_step") == RULES["next_step"]
        assert title in turn.inner_text()
        assert "call your local emergency number now" in turn.locator(".lost").inner_text()
        assert turn.get_by_role("button", name="Ask again").is_visible()
        assert there.text(turn, "trace_id")


def test_level_is_shown_before_the_words(visit: Visits, address: str, pictures: Path) -> None:
    """Nobody waits for a model to be told that it is an emergency; the focus moves once, and stays."""
    with served(address, FIRST, ": still there\n\n" + event("answer", ANSWER)) as slow:
        there = visit(address=slow.address)
        there.enter("P000103", "My inhaler isn't helping.")
        there.page.locator("#send").click()

        turn = there.page.locator(f'{LAST}[data-level="emergency"][aria-busy]')
        turn.locator(".response", has_text="Words").wait_for()
        assert there.text(turn, "next_step") == RULES["next_step"]
        assert turn.locator(".facts dd").all_inner_texts() == ["asthma"]
        assert there.focused() == "turn-1"
        there.page.screenshot(path=pictures / "light-wording.png")
        assert there.barriers() == []
        slow.go.set()

        assert there.text(there.answered(), "response") == "All of it."
        assert there.focused() == "turn-1"
        assert there.page.locator("#status").inner_text() == "The answer is complete."
