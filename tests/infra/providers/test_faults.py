"""Troubles on request, as they are written on a command line."""

from __future__ import annotations

import pytest

from ci.rehearsal.providers import Faults


def test_a_delay_that_is_no_number_is_refused() -> None:
    """Whoever parses it has to say how it is written."""
    with pytest.raises(ValueError, match="soon"):
        Faults.parse(["soon:aws_vpc"], [])


def test_a_named_type_has_its_own_delay() -> None:
    """A delay without a type is for all the others."""
    faults = Faults.parse(["1.5", "3:aws_vpc"], ["aws_eip"])

    assert (faults.delay("aws_vpc"), faults.delay("aws_eip")) == (3.0, 1.5)
    assert faults.failing == {"aws_eip"}
    assert Faults().delay("aws_vpc") == 0
