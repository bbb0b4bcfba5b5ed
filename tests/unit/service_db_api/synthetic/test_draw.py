"""Chance that comes out the same everywhere."""

from __future__ import annotations

import pytest
from hypothesis import strategies

from service_db_api.synthetic.draw import Draw, identity
from tests.unit.service_kit.examples import EXAMPLES, hold


def test_weights_that_add_up_to_nothing_are_a_fault() -> None:
    """Nothing can be chosen where nothing is likely."""
    with pytest.raises(ValueError, match="0"):
        Draw("key").weighted(("a",), (0,))


@EXAMPLES
def test_numbers_stay_in_their_bounds(examples: int) -> None:
    """Both bounds may come out, and nothing beyond them."""

    def check(key: int, low: int, more: int) -> None:
        draw = Draw(key)

        assert all(low <= draw.between(low, low + more) <= low + more for _ in range(20))
        assert 1.2 <= draw.within((1.2, 3.4), 1) <= 3.4

    numbers = strategies.integers
    hold(examples, check, key=numbers(), low=numbers(-50, 50), more=numbers(0, 50))


@EXAMPLES
def test_some_are_different_ones_in_their_order(examples: int) -> None:
    """Nothing is taken twice, and no more than there is."""

    def check(key: int, count: int) -> None:
        found = Draw(key).some(range(6), count)

        assert len(found) == min(count, 6)
        assert found == sorted(set(found))

    hold(examples, check, key=strategies.integers(), count=strategies.integers(0, 9))


def test_values_are_those_of_every_version() -> None:
    """What was drawn when this was written is drawn on every machine and Python."""
    draw = Draw(7, "person", 1)

    assert [draw.between(0, 99) for _ in range(6)] == [53, 68, 48, 47, 81, 41]
    assert identity(7, "x") == "c66d3d929fda37d55f8008c54531577d"
