"""The page for those who do not see it, do not use a mouse, or hold it in one hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import DEVICES
from tests.browser.visit import LAST, LEVELS, picture

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Route

    from tests.browser.conftest import Visits

pytestmark = pytest.mark.slow

FIELDS = {"P1": "mrn", "P000101": "query"}


@pytest.mark.parametrize("device", DEVICES)
def test_nothing_bars_the_way_before_the_first_question(visit: Visits, pictures: Path, device: str) -> None:
    """The empty page has no serious finding, also with a field that is wrong."""
    there = visit(device)
    picture(there, pictures / f"{device}-empty.png")
    assert there.barriers() == []

    there.enter("P1", "x" * 2001)
    there.page.locator("#send").click()

    assert there.page.locator("[aria-invalid]").count() == 2
    assert there.page.locator("#query-error").inner_text() == "Shorten it by one character."
    picture(there, pictures / f"{device}-wrong.png")
    assert there.barriers() == []


@pytest.mark.parametrize("device", DEVICES)
def test_nothing_bars_the_way_out_of_a_problem(visit: Visits, pictures: Path, device: str) -> None:
    """While an answer is awaited, and where none comes, there is no serious finding."""
    there = visit(device)
    there.expected |= {"404", "net::ERR_FAILED"}
    held: list[Route] = []
    there.intercept(held.append)
    there.enter("P999999", "Which pills am I on?")
    there.page.locator("#send").click()
    there.page.screenshot(path=pictures / f"{device}-pending.png")
    assert there.barriers() == []

    held[0].continue_()
    there.answered()
    there.page.screenshot(path=pictures / f"{device}-unknown.png")
    with there.page.expect_request("**/triage/stream"):
        there.page.locator("#send").click()
    # What is held arrives while the page is waited for, and that may be a moment after the request is told of.
    while len(held) < 2:
        there.page.wait_for_timeout(10)
    held[1].abort()
    there.answered()

    there.page.screenshot(path=pictures / f"{device}-unreachable.png")
    assert there.barriers() == []


def test_level_is_more_than_a_colour(visit: Visits, pictures: Path) -> None:
    """With colours of the reader's own word and shape of the level are still there."""
    there = visit(forced_colors="active")
    turn = there.ask(*LEVELS["emergency"])

    assert turn.locator(".word").is_visible()
    assert turn.locator(".verdict .shape").is_visible()
    assert there.barriers() == []
    picture(there, pictures / "contrast-emergency.png")


def test_conversation_can_be_printed(visit: Visits, pictures: Path) -> None:
    """On paper there are question, level, next step and all that was folded, but nothing to press."""
    there = visit()
    turn = there.ask(*LEVELS["urgent"])
    there.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    there.page.emulate_media(media="print")
    picture(there, pictures / "print-urgent.png")

    assert turn.locator(".question, .word, .next, .how li").evaluate_all("(all) => all.every((e) => e.offsetHeight)")
    assert not any(button.is_visible() for button in there.page.locator("button").all())
    there.page.emulate_media(media="screen")


@pytest.mark.parametrize("asked", [("P000101", "x " * 1001), ("P1", "")], ids=["too-long", "no-number"])
def test_words_for_a_wrong_field_are_in_sight(visit: Visits, asked: tuple[str, str]) -> None:
    """On a phone too, where the field itself may be higher than what is left of the screen."""
    there = visit("phone", viewport={"width": 360, "height": 560})
    there.enter(*asked)
    there.page.locator("#send").tap()

    field = there.page.locator("[aria-invalid]").first.get_attribute("id")
    words = there.page.locator(f"#{field}-error").bounding_box()
    strip = there.page.locator(".emergency").first.bounding_box()
    assert words
    assert strip
    assert strip["y"] + strip["height"] <= words["y"] <= 560 - words["height"]


@pytest.mark.parametrize("device", DEVICES)
def test_patients_offered_are_described(visit: Visits, device: str) -> None:
    """Whoever chooses sees who that is, on a phone too."""
    there = visit(device)

    for each in there.page.locator(".personas .about").all():
        box = each.bounding_box()
        assert box
        assert box["height"] > 10 < box["width"]


@pytest.mark.parametrize("width", [320, 360])
def test_narrow_screen_needs_no_scrolling_sideways(visit: Visits, width: int) -> None:
    """All of a conversation fits, long words without a blank as well."""
    there = visit("phone", viewport={"width": width, "height": 640})
    there.ask(*LEVELS["info"])
    there.ask(*LEVELS["urgent"]).locator(".how summary").click()
    there.ask("P000101", "x" * 400)

    assert there.page.evaluate("document.documentElement.scrollWidth") == width
    assert there.page.locator(f"{LAST} .question").bounding_box()["width"] < width  # type: ignore[index] # it is shown


def test_landmarks_and_headings_tell_the_page(visit: Visits) -> None:
    """A screen reader finds banner, main, footer, the form, the status and, once there is one, the conversation."""
    there = visit()
    for role in ("banner", "main", "contentinfo", "complementary", "form", "status"):
        assert there.page.get_by_role(role).count() == 1
    assert there.page.get_by_role("region", name="Patient").count() == 1
    assert there.page.get_by_role("region", name="Conversation").count() == 0

    there.ask(*LEVELS["urgent"])

    assert there.page.get_by_role("region", name="Conversation").count() == 1
    assert there.page.get_by_role("heading", level=1).all_inner_texts() == ["CarePath triage"]
    assert there.page.get_by_role("article", name="Urgent Reach a clinician the same day Next step").count() == 1
    assert there.page.get_by_role("textbox", name="What is the question about P000102?").count() == 1


def test_page_is_used_by_keyboard_alone(visit: Visits) -> None:
    """From the skip link to a copied trace id, in the order of the eye, with nothing in between that traps."""
    there = visit()
    keys = there.page.keyboard
    keys.press("Tab")
    assert there.focused() == "Skip to the question"
    keys.press("Tab")
    assert there.focused() == "mrn"
    keys.press("Tab")
    assert there.focused() == "P000101"
    keys.press("Space")
    keys.press("ArrowDown")
    assert there.page.locator("#mrn").input_value() == "P000102"
    keys.press("Tab")
    assert there.focused() == "query"
    keys.type("I slipped and hit my head,")
    keys.press("Enter")
    keys.type("there is a bump but I feel fine.")
    keys.press("Control+Enter")

    turn = there.answered()
    assert there.focused() == turn.get_attribute("id") == "turn-1"
    assert there.text(turn, "query") == "I slipped and hit my head,\nthere is a bump but I feel fine."
    stops = [stop for stop in turn.locator("summary, button").all() if stop.is_visible()]
    for stop in stops:
        keys.press("Tab")
        assert there.focused() == stop.inner_text().strip()
    keys.press("Enter")
    assert there.page.locator("#status").inner_text() == "The trace id is copied."
    keys.press("Tab")
    assert there.focused() == "query"
    keys.press("Tab")
    assert there.focused() == "send"


@pytest.mark.parametrize("mrn", FIELDS)
def test_wrong_field_gets_the_focus_and_the_reason(visit: Visits, mrn: str) -> None:
    """The first field that is wrong is focused and described by what is wrong with it."""
    there = visit()
    there.enter(mrn, "")
    there.page.locator("#mrn").press("Enter")

    wrong = there.page.locator(":focus")
    assert wrong.get_attribute("id") == FIELDS[mrn]
    assert f"{FIELDS[mrn]}-error" in (wrong.get_attribute("aria-describedby") or "")
    assert there.page.locator(f"#{FIELDS[mrn]}-error").inner_text()


def test_example_fills_both_fields(visit: Visits) -> None:
    """A question to try says which patient it is about, enters both, and leaves the sending to whoever is there."""
    there = visit("phone")

    there.page.locator(".examples button").first.tap()

    assert there.page.locator("#mrn").input_value() == "P000102"
    assert there.page.locator(".personas :checked").input_value() == "P000102"
    assert there.page.evaluate("document.activeElement.id") == "query"
    assert there.page.locator("#turns > li").count() == 0


def test_less_motion_for_those_who_asked(visit: Visits) -> None:
    """Whoever asked for less motion sees nothing move while an answer is awaited."""
    there = visit(reduced_motion="reduce")
    there.expected.add("net::ERR_FAILED")
    held: list[Route] = []
    there.intercept(held.append)
    there.enter(*LEVELS["info"])
    there.page.locator("#send").click()

    moving = there.page.locator(".dots i").first.evaluate("(e) => getComputedStyle(e).animationName")
    assert moving == "none"
    held[0].abort()
    there.answered()
