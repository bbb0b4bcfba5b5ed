"""How a check of the whole project is told."""

from __future__ import annotations

import pytest

from ci.errors import CheckFailed
from ci.inspection import judge


def test_failure_tells_its_end_and_how_to_run_it_alone() -> None:
    """What a person needs to mend it: the last lines, and one command."""
    with pytest.raises(CheckFailed) as caught:
        judge("types", 1, [f"line {number}" for number in range(100)])

    assert caught.value.exit_code == 4
    assert caught.value.detail.splitlines()[0] == "line 60"
    assert "line 99" in caught.value.detail
    assert caught.value.hint.endswith("nox --no-venv -s types")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            ["nox > Running", "Success: no issues found", "", "nox > Session types was successful"],
            "Success: no issues found",
        ),
        (["== 3 passed in 1.0s =="], "3 passed in 1.0s"),
        (["nox > Session lint was successful"], "passed"),
        ([], "passed"),
    ],
)
def test_success_is_told_in_one_line(lines: list[str], told: str) -> None:
    """The tool's own last word, without nox's frame."""
    assert judge("types", 0, lines) == told
