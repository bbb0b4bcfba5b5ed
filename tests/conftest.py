"""What every test shares: its suite, signals as a terminal leaves them, and a `make` that is nobody's child."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

# Every test is in exactly one of these: marker -> the command that runs it.
SUITES = {
    "fast": "make test",
    "slow": "make test-all",
    "engine": "nox -s engine",
    "cluster": "nox -s cluster",
    "vendor": "nox -s vendors",
}
# With `--dist loadscope --no-loadscope-reorder` the modules are handed out in this order; a module that takes long and
# comes last would run while the other processes are idle.
LONGEST_FIRST = ("e2e", "infra", "integration", "browser")

# Under `nohup`, or after a shell's `&`, these are ignored, and every process that a test starts would inherit that.
for number, default in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, default)

# Under `make test` these make a `make` that a test starts print which directory it enters.
for name in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):
    os.environ.pop(name, None)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Put a test without a suite into the fast one."""
    if not suites(item):
        item.add_marker("fast")


def suites(item: pytest.Item) -> list[str]:
    """Return the names of the suites that `item` is marked with."""
    return [name for name in SUITES if item.get_closest_marker(name)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test in two suites; move the modules that take longest to the front, each in its random order."""
    ambiguous = [item.nodeid for item in items if len(suites(item)) > 1]
    if ambiguous:
        message = f"These tests are in more than one of the suites {', '.join(SUITES)}: {', '.join(ambiguous)}"
        raise pytest.UsageError(message)
    items.sort(key=lambda item: rank(item.nodeid.split("/")))


def rank(parts: Sequence[str]) -> int:
    """Return the place of a test in the folder `parts[1]` of tests/: 0 is run first."""
    folder = parts[1] if len(parts) > 1 else ""
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)
