"""
Whatever chat-api is asked within OpenAPI's words, or just outside of them, the answer is one that OpenAPI tells of.

CAREPATH_TEST_FUZZ_SECONDS, which `nox -s fuzz` sets, runs it at random for as long.
"""

from __future__ import annotations

import os
import random
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.chat import fuzz

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fuzz.openapi import Outcome

SECONDS = os.environ.get("CAREPATH_TEST_FUZZ_SECONDS")
EXAMPLES = 30
LEAST = 100


def check(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    """Assert that the fuzzer found nothing, and that the service's own log agrees."""
    with capsys.disabled():
        counted = {f"{method} {path} {status}": number for ((method, path), status), number in outcome.answered.items()}
        sys.stdout.write(f"\nfuzz: {outcome.answered.total()} requests {dict(sorted(counted.items()))}\n")
    assert outcome.status == 0, outcome.report
    assert not outcome.undocumented
    assert not outcome.faults
    # db-api is there all the while, so not even those that are documented.
    assert not {key for key in outcome.answered if key[1] >= 500}
    assert outcome.answered.total() >= LEAST, outcome.report
    good = {operation for operation, status in outcome.answered if status < 300}
    assert good >= set(outcome.documented)


@pytest.mark.slow
def test_every_answer_is_documented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same requests each time: statuses, types, headers and bodies as documented, and no 5xx."""
    check(fuzz(tmp_path, "--generation-deterministic", "--max-examples", str(EXAMPLES)), capsys)


@pytest.mark.skipif(SECONDS is None, reason="takes minutes: `nox -s fuzz`, or set CAREPATH_TEST_FUZZ_SECONDS")
@pytest.mark.slow
def test_as_long_as_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a seed that is told, so that what it finds can be had again."""
    seed = random.SystemRandom().randrange(2**32)
    with capsys.disabled():
        sys.stdout.write(f"\nfuzz: seed {seed}\n")
    check(fuzz(tmp_path, "--seed", str(seed), "--max-time", str(SECONDS), "--max-examples", "100000"), capsys)
