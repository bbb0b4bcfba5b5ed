"""What the page gives away: nothing to storage, to the address, or to a script in a text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import PLAIN_HOST

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.conftest import Visits

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=\"document.title='had'\"><script>document.title='had'</script></textarea><b>&amp;"
MRN, QUERY = "P000104", "Why was my last claim denied and what do I owe?"
KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, history.state, history.length,
  (await indexedDB.databases()).length, 'caches' in self ? await caches.keys() : [],
  'serviceWorker' in navigator ? (await navigator.serviceWorker.getRegistrations()).length : 0,
])"""


def test_script_in_a_question_is_text(visit: Visits) -> None:
    """What was asked is shown letter by letter."""
    there = visit()

    turn = there.ask(MRN, HOSTILE)

    assert there.text(turn, "query") == HOSTILE
    assert turn.locator("img, script, b").count() == 0
    assert there.page.title() == "CarePath triage"


def test_script_in_anything_answered_is_text(visit: Visits) -> None:
    """Whatever field of an answer holds markup, a document's text and title among them, it is shown as it is."""
    there = visit()

    def poison(route: Route) -> None:
        sent = route.fetch(url=f"{there.address}/triage").json()
        answer: dict[str, Any] = {name: HOSTILE for name, value in sent.items() if isinstance(value, str)}
        answer |= {"urgency": "info", "matched_rules": [HOSTILE], "facts": [{"kind": HOSTILE, "text": HOSTILE}]}
        answer["citations"] = [{"doc_id": HOSTILE, "title": HOSTILE, "score": 0.25, "passage": HOSTILE}]
        answer["retrieval"] = {"mode": HOSTILE, "top_k": HOSTILE, "latency_ms": HOSTILE}
        answer |= {"conversation_id": HOSTILE, "inference_time_ms": 2, "patient_mrn": HOSTILE}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(answer))

    there.intercept(poison)
    turn = there.ask(MRN, QUERY)
    for summary in turn.locator("summary").all():
        summary.click()

    for slot in ("response", "next_step", "disclaimer", "trace_id", "conversation_id", "title", "passage", "doc_id"):
        assert there.text(turn, slot) == HOSTILE
    assert turn.locator(".facts dd").inner_text() == HOSTILE
    assert turn.locator(".score").inner_text() == "match 0.25"
    assert turn.locator("img, script, b").count() == 0
    assert there.page.title() == "CarePath triage"


def test_script_in_a_problem_is_text(visit: Visits) -> None:
    """What answers instead of the service may say what it likes."""
    there = visit()
    there.expected.add("503")
    there.reply(503, dict.fromkeys(("type", "title", "detail", "code", "trace_id"), HOSTILE))

    turn = there.ask(MRN, QUERY)

    assert there.text(turn, "trace_id") == HOSTILE
    assert turn.locator("img, script, b").count() == 0


def test_nothing_is_kept(visit: Visits) -> None:
    """After a conversation no storage, cookie, address, title or history holds any of it, nor does the next load."""
    there = visit()
    before = there.page.evaluate(KEPT)
    there.ask(MRN, QUERY)
    there.page.locator("#turns .copy").click()

    assert there.page.evaluate(KEPT) == before
    assert json.loads(before)[:3] == [{}, {}, ""]
    assert urlsplit(there.page.url)[2:] == ("/", "", "")
    assert there.page.title() == "CarePath triage"
    assert not [each for each in there.requests if MRN in each or "claim" in each]

    there.page.reload()

    assert there.page.locator("#turns > li").count() == 0
    assert MRN not in (there.page.locator("#mrn").input_value(), there.page.locator("#query").input_value())


def test_nobody_else_is_asked(visit: Visits) -> None:
    """All that the page loads comes from the service, and of the service it asks for nothing but triage."""
    there = visit()

    there.ask(MRN, QUERY)

    assert all(each.startswith(f"{there.address}/") for each in there.requests)
    paths = {each.removeprefix(there.address) for each in there.requests}
    assert {path for path in paths if path != "/" and not path.startswith("/page/")} == {"/triage/stream"}


def test_markup_can_be_made_by_no_script(visit: Visits) -> None:
    """The policy refuses scripts of other places, in the markup or as text, and markup made of text."""
    there = visit()
    there.expected |= {"Policy directive", "'TrustedHTML' assignment"}

    made = there.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x'; return 'made'; } catch (e) { return e.name; } }"
    )
    there.page.evaluate(
        "() => { const s = document.createElement('img'); s.src = 'https://example.org/x'; document.body.append(s); }"
    )
    there.page.wait_for_function("violations.length > 1")

    assert made == "TypeError"
    assert there.page.evaluate("violations.splice(0)") == ["trusted-types-sink", "https://example.org/x"]


@pytest.mark.parametrize("host", ["127.0.0.1", PLAIN_HOST])
def test_trace_id_is_copied(visit: Visits, address: str, host: str) -> None:
    """It comes out of the clipboard, also where the page came without TLS and browsers offer less."""
    there = visit(address=address.replace("127.0.0.1", host), permissions=["clipboard-write"])
    there.expected.add("Cross-Origin-Opener-Policy header has been ignored")
    turn = there.ask(MRN, QUERY)

    turn.locator(".copy").click()

    there.page.locator(".copy", has_text="Copied").wait_for()
    there.page.locator("#query").press("Control+v")
    assert there.page.locator("#query").input_value() == there.text(turn, "trace_id")
