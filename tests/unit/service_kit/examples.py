"""Properties tried on few examples in the fast suite and on many in the slow one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

FEW, MANY = 20, 200
# For a test that passes its `examples` on to `hold`.
EXAMPLES = pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])


def hold(examples: int, check: Callable[..., None], **strategies: SearchStrategy[Any]) -> None:
    """Run `check` with so many `examples` of its arguments, as the profile of pyproject.toml draws them."""
    settings(max_examples=examples)(given(**strategies)(check))()
