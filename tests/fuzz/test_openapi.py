"""
Whatever is asked within OpenAPI's words, or just outside of them, the answer is one that OpenAPI tells of.

CAREPATH_TEST_FUZZ_SECONDS, which `nox -s fuzz` sets, runs it at random for as long.
"""

from __future__ import annotations

import os
import random
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.openapi import Outcome, fuzz

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = os.environ.get("CAREPATH_TEST_FUZZ_SECONDS")
# Of the fuzzer's own making, for each operation, in the runs that are the same every time, and requests in all.
EXAMPLES = 12
LEAST = 1000
# One for each operation and those that OpenAPI shows, without the borders of each parameter and without sequences.
FEW = ("--phases", "examples,fuzzing", "--max-examples", "1")


def check(outcome: Outcome, capsys: pytest.CaptureFixture[str], least: int = LEAST) -> None:
    """Assert that the fuzzer found nothing, and that the service's own log agrees."""
    total = outcome.answered.total()
    with capsys.disabled():
        kinds = len({status for _, status in outcome.answered})
        sys.stdout.write(f"\nfuzz: {total} requests, {kinds} statuses, {len(outcome.documented)} operations\n")
    assert outcome.status == 0, outcome.report
    assert not outcome.undocumented
    assert not outcome.faults
    assert not {key for key in outcome.answered if key[1] >= 500}
    assert total >= least, outcome.report
    # A run that asked nothing of one of them would be as green.
    good = {operation for operation, status in outcome.answered if status < 300}
    assert good >= set(outcome.documented)
    # Who shows no token is refused before a route is looked for.
    refused = sum(number for (_, status), number in outcome.answered.items() if status == 401)
    assert refused >= sum(401 in known for known in outcome.documented.values())


@pytest.mark.parametrize(
    ("options", "least"),
    [
        pytest.param(FEW, 60, id="few"),
        pytest.param(("--max-examples", str(EXAMPLES)), LEAST, marks=pytest.mark.slow, id="many"),
    ],
)
def test_every_answer_is_documented(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], least: int
) -> None:
    """The same requests each time: statuses, types, headers and bodies as documented, and no 5xx."""
    check(fuzz(tmp_path, "--generation-deterministic", *options), capsys, least)


@pytest.mark.skipif(SECONDS is None, reason="takes minutes: `nox -s fuzz`, or set CAREPATH_TEST_FUZZ_SECONDS")
@pytest.mark.slow
def test_as_long_as_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a seed that is told, so that what it finds can be had again."""
    seed = random.SystemRandom().randrange(2**32)
    outcome = fuzz(tmp_path, "--seed", str(seed), "--max-time", str(SECONDS), "--max-examples", "100000")
    with capsys.disabled():
        sys.stdout.write(f"\nfuzz: seed {seed}\n")
    assert re.search(rf"Seed: {seed}", outcome.report)
    check(outcome, capsys)
