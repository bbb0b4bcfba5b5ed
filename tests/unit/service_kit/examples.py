"""Properties tried on few examples in the fast suite and on many in the slow one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

FEW, MANY = 20, 200
# Letters, figures, signs that patterns look for, what cannot be seen, what is composed, and what is outside of the BMP.
CHARACTERS = (
    "aezAPZ0159 \t\n.,:;!?@_-/\\%+*(){}[]'\"<>&=#"
    "\x00\x7f\xa0\xad\xb2\xdf\xe9\u0301\u0430\u0665\u200b\u202e\u2028\u3164\U0001f494"
)
# For a test that passes its `examples` on to `hold`.
EXAMPLES = pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])


def hold(examples: int, check: Callable[..., None], **strategies: SearchStrategy[Any]) -> None:
    """Run `check` with so many `examples` of its arguments, as the profile of pyproject.toml draws them."""
    settings(max_examples=examples)(given(**strategies)(check))()


def texts(examples: int, most: int) -> SearchStrategy[str]:
    """Return texts of up to `most` characters, of all of Unicode only where there are many `examples`."""
    if examples > FEW:
        return st.text(max_size=most)
    # To draw from all of Unicode, hypothesis lays out its tables first: 1.5 s in an image, which keeps none.
    return st.lists(st.sampled_from(CHARACTERS), max_size=most).map("".join)
