"""Troubles on request, as they are written on a command line."""

from __future__ import annotations

import pytest

from ci.errors import UsageError
from ci.rehearsal.providers import Faults


@pytest.mark.parametrize("seconds", ["soon", "", "nan", "inf", "-3", "-0.1", "1e999"])
def test_a_delay_that_is_no_time_is_refused(seconds: str) -> None:
    """The sentence repeats it and says how it is written."""
    with pytest.raises(UsageError) as caught:
        Faults.parse([f"{seconds}:aws_vpc"], [])

    assert (caught.value.code, caught.value.exit_code) == ("delay_invalid", 2)
    assert repr(seconds) in caught.value.title


@pytest.mark.parametrize("place", range(3), ids=["delay", "fail", "gone"])
def test_a_type_that_nobody_knows_is_refused(place: int) -> None:
    """A fault that could never happen is a slip of the pen; the nearest type is told."""
    told: list[list[str]] = [[], [], []]
    told[place] = ["5:aws_eks_clustr" if place == 0 else "aws_eks_clustr"]

    with pytest.raises(UsageError) as caught:
        Faults.parse(*told)

    assert (caught.value.code, caught.value.exit_code) == ("type_unknown", 2)
    assert "aws_eks_clustr" in caught.value.title
    assert "aws_eks_cluster" in caught.value.hint


def test_a_failure_of_no_type_is_refused() -> None:
    """An empty type would let nothing fail, and take nothing for removed; the option is named."""
    with pytest.raises(UsageError, match="--fail"):
        Faults.parse([], [""])
    with pytest.raises(UsageError, match="--gone"):
        Faults.parse([], [], [""])


def test_what_is_gone_is_told_apart_from_what_fails() -> None:
    """Nothing is gone unless it is named."""
    assert Faults.parse([], ["aws_eip"], ["aws_vpc"]).gone == {"aws_vpc"}
    assert Faults().gone == frozenset()


def test_a_named_type_has_its_own_delay() -> None:
    """A delay without a type is for all the others."""
    faults = Faults.parse(["1.5", "3:aws_vpc"], ["aws_eip"])

    assert (faults.delay("aws_vpc"), faults.delay("aws_eip")) == (3.0, 1.5)
    assert faults.failing == {"aws_eip"}
    assert Faults().delay("aws_vpc") == 0
