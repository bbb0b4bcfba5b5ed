"""Names that are drawn many at once."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from service_kit.fresh import MANY, Fresh


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_draws_its_own() -> None:
    """What was drawn before the fork is the parent's alone."""
    fresh = Fresh(32)
    fresh()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, fresh().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 64).decode()
    os.close(reading)
    os.close(writing)

    assert re.fullmatch(r"[0-9a-f]{32}", theirs)
    assert theirs not in {fresh() for _ in range(2 * MANY)}


def test_no_two_are_alike_in_any_thread() -> None:
    """However many are drawn at once, each is of the length that was asked for and there is no other like it."""
    fresh = Fresh(48)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: fresh(), range(10 * MANY)))

    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[0-9a-f]{48}", each) for each in found)
