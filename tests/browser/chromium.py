"""The Chromium of this machine, if it has one, and the devices that it emulates."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A name that leads here and is, unlike a loopback address, no secure context: what a page without TLS gets.
PLAIN_HOST = "carepath.test"
ARGUMENTS = [f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1", "--no-proxy-server"]
VIOLATIONS = (
    "window.violations = []; addEventListener('securitypolicyviolation', (e) => violations.push(e.blockedURI));"
)
# A page that is not there by then hangs; a busy machine has taken 20 seconds.
TIMEOUT_MS = 60_000
DEVICES: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 860}},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}


def executable() -> str | None:
    """Return the path of a Chromium: of the system, or Playwright's own; None when there is neither."""
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextlib.contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Run the browser at PATH without a window until the block ends."""
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root, as whom containers tend to run tests.
        arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def tab(browser: Browser, device: str, **context: Any) -> Page:
    """Return a tab of its own on DEVICE, one of DEVICES, which notes what the pages in it may not do."""
    own = browser.new_context(locale="en-US", **{**DEVICES[device], **context})
    own.set_default_timeout(TIMEOUT_MS)
    own.add_init_script(VIOLATIONS)
    return own.new_page()
