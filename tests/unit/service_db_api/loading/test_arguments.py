"""What the command may be told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from service_db_api.loading.arguments import parsed, parser
from service_db_api.synthetic.generator import Recipe


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--patients", "-1"], "--patients"),
        (["--patients", "many"], "'many' is not a whole number"),
        (["--patients", "1_000"], "not a whole number"),
        (["--patients", "٣"], "not a whole number"),
        (["--patients", "9" * 5000], "not a whole number"),
        (["--patients", "800001"], "from 0 to 800000"),
        (["--patients", "1", "--seed", "9223372036854775808"], "the seed must be"),
        (["--patients", "1", "--as-of", "today"], "not a date like 2026-01-01"),
        (["--patients", "1", "--as-of", "20260101"], "not a date like 2026-01-01"),
        (["--patients", "1", "--as-of", "2025-02-29"], "not a date like 2026-01-01"),
        (["--patients", "1", "--as-of", "1999-12-31"], "the date must be"),
        (["--seed", "3"], "--patients"),
        (["--as-of", "2025-01-01"], "--patients"),
        (["--out", "x", "--drop"], "--out touches no database"),
        (["--out", __file__], "name a folder"),
        (["--yes-drop-database", "carepath"], "confirms --drop"),
        (["--pat", "3"], "--pat"),
        (["more"], "more"),
    ],
)
def test_wrong_arguments_end_with_a_sentence(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Code 2, and the last line says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        parsed(argv)

    assert ended.value.code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_nothing_said_means_the_personas() -> None:
    """What the demo's job runs is the command alone."""
    assert parsed([]).recipe == Recipe(0)


def test_all_that_may_be_said_arrives() -> None:
    """Each argument has its place."""
    found = parsed(["--patients", "10", "--seed", "0", "--as-of", "2024-02-29", "--out", "new", "--json"])

    assert found.recipe == Recipe(10, 0, date(2024, 2, 29))
    assert (found.out, found.json) == (Path("new"), True)


def test_the_help_has_examples_that_can_be_run() -> None:
    """Each line of the examples is taken as it stands."""
    told = parser().format_help().partition("examples:")[2].partition("exit codes:")[0]
    lines = [line.partition("python -m service_db_api.seed")[2].split("  ")[0] for line in told.strip().splitlines()]

    assert len(lines) == 4
    for line in lines:
        assert parsed(line.split())
