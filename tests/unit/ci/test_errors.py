"""The error tree: kinds, exit codes, and what is told when several things fail."""

from __future__ import annotations

import re

import pytest

from ci import errors
from ci.errors import BUG, CHANGES_PENDING, OK, CheckFailed, ImageFailed, PipelineError, StateLocked, leaves, merge


def kinds(root: type[PipelineError] = PipelineError) -> list[type[PipelineError]]:
    """List ROOT and all below it."""
    return [root, *(each for child in root.__subclasses__() for each in kinds(child))]


def test_no_two_kinds_share_an_exit_code() -> None:
    """A script that sees the exit code knows what went wrong."""
    codes = [OK, CHANGES_PENDING, *(kind.exit_code for kind in kinds())]

    assert len(set(codes)) == len(codes)


def test_exit_codes_are_those_that_the_documentation_tells() -> None:
    """The tree at the head of the module is true, and whole."""
    drawn = dict(re.findall(r"── (\w+) +(\d+) ", errors.__doc__ or ""))

    assert {kind.__name__: str(kind.exit_code) for kind in kinds()[1:]} == drawn


def test_a_bug_is_not_a_wrong_usage() -> None:
    """1 is kept for bugs: no failure that a person can mend ends with it."""
    assert [kind for kind in kinds() if kind.exit_code == BUG] == [PipelineError]


def test_problem_is_told_in_four_fields() -> None:
    """The JSON report shows a stable code beside the sentence, the details and what to do next."""
    problem = ImageFailed("It was refused.", code="push_refused", detail="denied", hint="Log in.")

    assert str(problem) == "It was refused."
    assert problem.as_dict() == {
        "code": "push_refused",
        "title": "It was refused.",
        "detail": "denied",
        "hint": "Log in.",
    }


def test_leaves_are_found_in_nested_groups() -> None:
    """A task group inside a task group hides no failure."""
    first, second, third = ValueError("1"), KeyError("2"), PipelineError("3", code="x")
    nested = BaseExceptionGroup("outer", [first, BaseExceptionGroup("inner", [second, third])])

    assert list(leaves(nested)) == [first, second, third]
    assert list(leaves(first)) == [first]


def test_merging_one_failure_changes_nothing() -> None:
    """A single failure is told as it is."""
    only = CheckFailed("db-api failed.", code="tests_failed", detail="1 failed")

    assert merge([only]) is only


@pytest.mark.parametrize("kind", [CheckFailed, ImageFailed, StateLocked])
def test_merged_failures_are_all_told(kind: type[PipelineError]) -> None:
    """Whoever reads the error learns of both services, and the exit code is that of the first."""
    merged = merge(
        [
            kind("db-api failed.", code="first", detail="its lines", hint="Mend it."),
            CheckFailed("chat-api failed.", code="second", detail="other lines"),
            CheckFailed("A third failed.", code="third"),
        ]
    )

    assert type(merged) is kind
    assert (merged.title, merged.code, merged.hint) == ("db-api failed.", "first", "Mend it.")
    for told in ("its lines", "chat-api failed.", "other lines", "A third failed."):
        assert told in merged.detail
