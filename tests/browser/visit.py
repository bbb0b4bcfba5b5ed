"""A person at the page: what they do there, and what the browser had to complain of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it ships no types

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, Route

STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})")
QUESTIONS = "**/triage/stream"
LAST = "#turns > li:last-child article"
GRAVE = ("serious", "critical")
# One question for each level, the most urgent first.
LEVELS = {
    "emergency": ("P000103", "My inhaler isn't helping and I can't finish a sentence."),
    "urgent": ("P000102", "I slipped and hit my head, there is a bump but I feel fine."),
    "soon": ("P000103", "I've had a cough and mild fever for three days."),
    "routine": ("P000107", "Can I get a refill of my acetaminophen?"),
    "info": ("P000101", "Why was glipizide added after my last visit?"),
}


@dataclass
class Visit:
    """One tab. `expected` are the failures, as statuses or texts, of which the console may tell."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Open the page anew, and note from there on whatever goes wrong."""
        self.page.on("console", self._console)
        self.page.on("pageerror", self._error)
        self.page.on("request", self._request)
        self.page.goto(f"{self.address}/")

    def end(self) -> list[str]:
        """Leave the tab to the next visit; return all that went wrong in it and was not expected."""
        violations: list[str] = self.page.evaluate("window.violations ?? []")
        self.page.remove_listener("console", self._console)
        self.page.remove_listener("pageerror", self._error)
        self.page.remove_listener("request", self._request)
        self.page.unroute_all(behavior="ignoreErrors")
        unforeseen = [told for told in self.complaints if not any(each in told for each in self.expected)]
        return [*unforeseen, *(f"against the policy: {each}" for each in violations)]

    def enter(self, mrn: str, query: str) -> None:
        self.page.locator("#mrn").fill(mrn)
        self.page.locator("#query").fill(query)

    def ask(self, mrn: str, query: str) -> Locator:
        """Ask QUERY about MRN and return the turn that came of it."""
        self.enter(mrn, query)
        self.page.locator("#send").click()
        return self.answered()

    def answered(self) -> Locator:
        """Return the last turn, once nothing is awaited any more."""
        self.page.locator(f"{LAST}:not([aria-busy])").wait_for()
        return self.page.locator(LAST)

    def intercept(self, answer: Callable[[Route], None]) -> None:
        """Have ANSWER deal with what the page asks of the service."""

        def deal(route: Route) -> None:
            # Playwright leaves a mark on the function it is given, which the method of a list does not bear.
            answer(route)

        self.page.route(QUESTIONS, deal)

    def reply(self, status: int, body: object, **headers: str) -> None:
        """Have the service reply STATUS with BODY: text as it is, all else as JSON."""
        content = body if isinstance(body, str) else json.dumps(body)
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): each for name, each in headers.items()}}
        self.intercept(lambda route: route.fulfill(status=status, headers=sent, body=content))

    def text(self, turn: Locator, slot: str) -> str:
        """Return what stands in the SLOT of TURN."""
        return turn.locator(f'[data-slot="{slot}"]').inner_text()

    def focused(self) -> str:
        """Return which element has the focus: its id, its data-slot, its text, or its tag."""
        found: str = self.page.evaluate(
            "(() => { const e = document.activeElement; return e.id || e.value || e.innerText.trim() || e.tagName; })()"
        )
        return found

    def barriers(self) -> list[str]:
        """Return what axe finds in the way of people, of a serious kind."""
        found = Axe().run(self.page)
        return [
            f"{each['id']}: {node['html']} {node['failureSummary']}"
            for each in found.response["violations"]
            if each["impact"] in GRAVE
            for node in each["nodes"]
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            # A browser says by itself that an answer was an error; whoever expects one says which.
            status = STATUS.match(message.text)
            self.complaints.append(status[1] if status else message.text)

    def _error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)


def picture(there: Visit, path: Path) -> None:
    """Keep what the whole page looks like."""
    size = there.page.viewport_size
    assert size
    height = there.page.evaluate("document.documentElement.scrollHeight")
    # In a window as high as the page nothing sticks to an edge in the middle of it.
    there.page.set_viewport_size({"width": size["width"], "height": height})
    there.page.screenshot(path=path)
    there.page.set_viewport_size(size)
