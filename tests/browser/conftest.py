"""A browser, both services, and visits to the page."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.browser.chromium import NAMES, executable, launched, tab
from tests.browser.visit import Visit
from tests.integration.services.process import Running, chat_api, db_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

PICTURES = Path(__file__).resolve().parents[2] / ".carepath" / "browser"


class Visits(Protocol):
    """Opens the page; `device` is one of chromium.DEVICES."""

    def __call__(self, device: str = "light", address: str | None = None, **context: Any) -> Visit: ...


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a browser; skip where there is none."""
    found = executable()
    if found is None:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is on PATH, nor has Playwright one of its own")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Yield a browser, for no longer than a module: while Playwright runs, no other test can have an event loop."""
    with launched(chromium) as found:
        yield found


@pytest.fixture(scope="session")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield where chat-api answers, over db-api with its personas; both stay as they are."""
    assert chromium
    folder = tmp_path_factory.mktemp("services")
    # A busy machine is no fault.
    unhurried = {"DB_API_TIMEOUT_S": "30", "REQUEST_DEADLINE_S": "60"}
    with db_api(folder) as lower, chat_api(folder, lower.address, **unhurried) as upper:
        yield upper.address


@pytest.fixture
def fragile(chromium: str, tmp_path: Path) -> Iterator[tuple[Running, Running]]:
    """Yield db-api and chat-api of the test's own, which it may kill."""
    assert chromium
    with db_api(tmp_path) as lower, chat_api(tmp_path, lower.address, STOP_GRACE_SECONDS="0.2") as upper:
        yield lower, upper


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Callable[[str], Page]:
    """Return what finds the one tab of a device: a new one for each test would take longer than the test."""
    return functools.cache(functools.partial(tab, browser))


@pytest.fixture
def visit(browser: Browser, tabs: Callable[[str], Page], request: pytest.FixtureRequest) -> Iterator[Visits]:
    """Yield what opens the page anew; in the end no browser may have complained of anything unexpected."""
    opened: list[Visit] = []

    def begin(device: str = "light", address: str | None = None, **context: Any) -> Visit:
        where = address or request.getfixturevalue("address")
        found = Visit(tab(browser, device, **context) if context else tabs(device), where)
        opened.append(found)
        found.begin()
        return found

    yield begin

    assert [each for one in opened for each in one.end()] == []


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Return the folder that screenshots are kept in, for people to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
