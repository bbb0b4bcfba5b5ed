"""The twenty example questions, asked through the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ci.settings import ROOT
from tests.browser.visit import QUESTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Visits

pytestmark = pytest.mark.slow

FILE = ROOT / "tests/unit/service_chat/golden.json"
# The last two get no answer; their tests come first.
GOLDEN: list[dict[str, Any]] = [each for each in json.loads(FILE.read_text(encoding="utf-8")) if "urgency" in each]
# A fact as long as this is a quotation.
LONG = 100
WORDS = {"emergency": "Emergency", "urgent": "Urgent", "soon": "Soon", "routine": "Routine", "info": "Information"}


def told(events: str) -> dict[str, Any]:
    """Return the last of the EVENTS, which is the whole answer."""
    name, data = events.strip().split("\n\n")[-1].splitlines()
    assert name == "event: answer"
    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return found


def test_unknown_patient_is_told_in_words(visit: Visits, pictures: Path) -> None:
    """Question 19: nobody has the number, which the page says, with a trace id and at the field to correct."""
    there = visit()
    there.expected.add("404")

    turn = there.ask("P999999", "Which pills am I on?")

    assert there.text(turn, "title") == "No patient has this number"
    assert len(there.text(turn, "trace_id")) == 32
    assert there.page.locator("#mrn-error").inner_text() == "There is no patient with this number."
    assert there.page.locator("#query").input_value() == "Which pills am I on?"
    there.page.screenshot(path=pictures / "query-19.png")


def test_blank_question_is_not_sent(visit: Visits, pictures: Path) -> None:
    """Question 20: the page asks for words before it asks the service."""
    there = visit()
    there.enter("P000105", "   \n ")

    there.page.locator("#send").click()

    assert there.page.locator("#query-error").inner_text() == "Write a question first."
    assert there.focused() in ("query", "   \n ")
    assert not [each for each in there.requests if "/triage" in each]
    there.page.screenshot(path=pictures / "query-20.png")


def test_question_that_is_blank_to_the_service_only(visit: Visits) -> None:
    """What the service alone takes for blank, such as U+0085, comes back as words at the field."""
    there = visit()
    there.expected.add("422")

    turn = there.ask("P000105", "\x85")

    assert there.text(turn, "title") == "The question cannot be taken like this"
    assert len(there.text(turn, "trace_id")) == 32
    assert there.page.locator("#query-error").inner_text() == "Write 1 to 2,000 characters."


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["number"]))
def test_level_and_next_step_are_shown(case: dict[str, Any], visit: Visits, pictures: Path) -> None:
    """The level stands there as word, shape and colour, beside what to do and what the answer rests on."""
    there = visit()

    with there.page.expect_response(QUESTIONS) as response:
        turn = there.ask(case["mrn"], case["query"])

    answer = told(response.value.text())
    assert answer["urgency"] == case["urgency"]
    assert turn.get_attribute("data-level") == case["urgency"]
    assert there.text(turn, "word") == WORDS[case["urgency"]]
    assert turn.locator(".verdict use").get_attribute("href") == f"#shape-{case['urgency']}"
    assert all(words in there.text(turn, "next_step") for words in case["next_step"])
    assert there.text(turn, "response") == answer["response"].strip()
    assert there.text(turn, "trace_id") == answer["trace_id"]
    assert there.text(turn, "disclaimer") == answer["disclaimer"]
    titles = turn.locator(".documents .title").all_inner_texts()
    assert titles == [each["title"] for each in answer["citations"]]
    facts = turn.locator(".facts dd").all_inner_texts()
    known = [each["text"] for each in answer["facts"]]
    assert facts == [each for each in known if len(each) < LONG or each not in answer["response"]]
    turn.locator(".how summary").click()
    assert turn.locator(".how li code").all_inner_texts() == answer["matched_rules"]
    there.page.screenshot(path=pictures / f"query-{case['number']:02}.png")


def test_question_that_was_not_understood_is_no_verdict(visit: Visits, pictures: Path) -> None:
    """It is headed so, in no level's colour, and the level stands small beside it."""
    there = visit()
    colours = {there.ask(case["mrn"], case["query"]).locator(".verdict") for case in GOLDEN[-1:]}
    routine = colours.pop().evaluate("(e) => getComputedStyle(e).backgroundColor")

    turn = there.ask("P000108", "blorp the wug")

    assert there.text(turn, "word") == "Not understood"
    assert there.text(turn, "meaning") == "Level: Routine"
    assert turn.locator(".verdict use").get_attribute("href") == "#shape-unclear"
    assert turn.locator(".verdict").evaluate("(e) => getComputedStyle(e).backgroundColor") != routine
    assert there.page.get_by_role("article", name="Not understood Level: Routine Next step").count() == 1
    there.page.screenshot(path=pictures / "light-unclear.png")


def test_levels_look_different(visit: Visits) -> None:
    """No two levels share their colour."""
    there = visit()
    seen = set()

    for case in {each["urgency"]: each for each in GOLDEN}.values():
        verdict = there.ask(case["mrn"], case["query"]).locator(".verdict")
        seen.add(verdict.evaluate("(e) => getComputedStyle(e).backgroundColor"))

    assert len(seen) == len(WORDS)


def test_history_is_in_the_order_of_asking(visit: Visits) -> None:
    """Each turn says whom it was about; the newest is the last."""
    there = visit()

    there.ask("P000107", "Can I get a refill of my acetaminophen?")
    there.ask("P000106", "Can I move my follow-up to next Thursday?")

    assert there.page.locator('#turns [data-slot="mrn"]').all_inner_texts() == ["P000107", "P000106"]
    there.page.locator("#clear").click()
    assert there.page.locator("#turns > li").count() == 0
    assert there.page.locator("#mrn").input_value() == ""
