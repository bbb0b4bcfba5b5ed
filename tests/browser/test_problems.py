"""What is told when there is no answer."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.visit import QUESTIONS

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.conftest import Visits
    from tests.integration.services.process import Running

pytestmark = pytest.mark.slow

TRACE = "0123456789abcdef0123456789abcdef"
EMERGENCY = "call your local emergency number now"
QUESTION = ("P000104", "Why was my last claim denied and what do I owe?")


def problem(code: str) -> dict[str, Any]:
    return {"type": f"urn:{code}", "title": "-", "status": 0, "detail": "-", "code": code, "trace_id": TRACE}


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (413, "content_too_large", "The question is too long"),
        (429, "saturated", "Too many questions at once"),
        (500, "internal_error", "Something went wrong in the service"),
        (502, "llm_error", "No answer could be worded"),
        (503, "db_api_unavailable", "The record cannot be read at the moment"),
        (503, "draining", "The service is about to restart"),
        (504, "llm_timeout", "The answer took too long"),
    ],
)
def test_problem_is_told_in_words(visit: Visits, status: int, code: str, title: str) -> None:
    """What happened, what to do, the emergency number first of all, and the trace id; the question is kept."""
    there = visit()
    there.expected.add(str(status))
    there.reply(status, problem(code), Retry_After="2")

    turn = there.ask(*QUESTION)

    assert there.text(turn, "title") == title
    assert "sk again" in there.text(turn, "todo") or "ask again" in there.text(turn, "todo")
    assert there.text(turn, "trace_id") == TRACE
    said = turn.inner_text()
    assert 0 < said.index(EMERGENCY) < said.index(there.text(turn, "todo"))
    assert there.page.locator("#query").input_value() == QUESTION[1]


def test_wait_that_the_service_asks_for_is_told(visit: Visits) -> None:
    """Its Retry-After becomes a number of seconds."""
    there = visit()
    there.expected.add("429")
    there.reply(429, problem("saturated"), Retry_After="7")

    turn = there.ask(*QUESTION)

    assert there.text(turn, "todo").startswith("Wait 7 seconds and ask again.")


@pytest.mark.parametrize(
    ("status", "body", "title"),
    [
        pytest.param(502, "<h1>Bad Gateway</h1>", "The service does not answer", id="balancer-502"),
        pytest.param(504, "", "No answer came in time", id="balancer-504"),
        pytest.param(403, "<p>no", "Something went wrong in the service", id="firewall"),
        pytest.param(200, "<p>hello", "An answer came that this page cannot show", id="portal"),
        pytest.param(200, "null", "An answer came that this page cannot show", id="null"),
        pytest.param(200, {"urgency": "calm"}, "An answer came that this page cannot show", id="unknown-level"),
        pytest.param(200, {"urgency": "constructor"}, "An answer came that this page cannot show", id="inherited-name"),
    ],
)
def test_stranger_on_the_way_is_told_in_words(visit: Visits, status: int, body: object, title: str) -> None:
    """What answers instead of the service never breaks the page, and there is a trace id all the same."""
    there = visit()
    there.expected.add(str(status))
    there.reply(status, body)

    turn = there.ask(*QUESTION)

    assert there.text(turn, "title") == title
    assert len(there.text(turn, "trace_id")) == 32
    assert EMERGENCY in turn.inner_text()


def test_network_that_is_gone_is_told(visit: Visits) -> None:
    """Without a network the page says so, and asks again on demand."""
    there = visit()
    there.expected.add("net::ERR_INTERNET_DISCONNECTED")
    there.page.context.set_offline(True)
    turn = there.ask(*QUESTION)
    assert there.text(turn, "title") == "This device is offline"
    assert len(there.text(turn, "trace_id")) == 32

    there.page.context.set_offline(False)
    turn.get_by_role("button", name="Ask again").click()

    assert there.page.locator("#turns > li").count() == 2
    assert there.answered().get_attribute("data-level") == "info"
    assert there.page.locator("#query").input_value() == ""


def test_services_that_are_killed(visit: Visits, fragile: tuple[Running, Running]) -> None:
    """With db-api dead the record cannot be read; with chat-api dead nobody answers: both are told."""
    lower, upper = fragile
    there = visit(address=upper.address)
    there.expected |= {"503", "net::ERR_CONNECTION_REFUSED"}

    lower.stop(signal.SIGKILL)
    turn = there.ask(*QUESTION)
    assert there.text(turn, "title") == "The record cannot be read at the moment"

    upper.stop(signal.SIGKILL)
    turn = there.ask(*QUESTION)
    assert there.text(turn, "title") == "The service does not answer"
    assert EMERGENCY in turn.inner_text()


def test_question_is_sent_once(visit: Visits) -> None:
    """While an answer is awaited, neither button nor keys ask a second time."""
    there = visit()
    held: list[Route] = []
    there.intercept(held.append)
    there.enter(*QUESTION)

    there.page.locator("#send").dblclick()
    there.page.locator("#query").press("Control+Enter")

    assert there.page.locator("#send").get_attribute("aria-disabled") == "true"
    assert there.page.locator("#turns > li").count() == 1
    assert len([each for each in there.requests if each.endswith("/triage/stream")]) == 1
    held[0].continue_()
    assert there.answered().get_attribute("data-level") == "info"
    assert there.page.locator("#send").get_attribute("aria-disabled") is None


def test_next_question_begun_meanwhile_is_kept(visit: Visits) -> None:
    """Whoever writes on is neither moved nor robbed of the words; a screen reader hears the answer."""
    there = visit()
    held: list[Route] = []
    there.intercept(held.append)
    there.enter(*QUESTION)
    there.page.locator("#send").click()

    there.page.locator("#query").fill("And my next visit?")
    held[0].continue_()
    there.answered()

    assert there.page.locator("#query").input_value() == "And my next visit?"
    assert there.page.evaluate("document.activeElement.id") == "query"
    assert there.page.locator("#status").inner_text().startswith("Information. Answered from the record. Next step:")


def test_conversation_cleared_while_an_answer_is_awaited(visit: Visits) -> None:
    """The answer of before does not turn up in the next conversation."""
    there = visit()
    there.expected.add("net::ERR_ABORTED")
    held: list[Route] = []
    there.intercept(held.append)
    there.enter(*QUESTION)
    there.page.locator("#send").click()
    there.page.locator("#clear").click()

    there.page.unroute(QUESTIONS)
    turn = there.ask("P000107", "Can I get a refill of my acetaminophen?")

    assert turn.get_attribute("data-level") == "routine"
    assert there.page.locator("#turns > li").count() == 1
