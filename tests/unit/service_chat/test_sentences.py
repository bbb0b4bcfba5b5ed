"""Pieces become sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service_chat.sentences import LONGEST, gather, split
from tests.unit.service_kit.examples import EXAMPLES, hold, texts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

pytestmark = pytest.mark.anyio


async def _pieces(texts: Iterable[str]) -> AsyncGenerator[str]:
    for each in texts:
        yield each


@pytest.mark.parametrize("size", [1, 3, 7, 100])
async def test_sentences_come_whole(size: int) -> None:
    """However a text is cut, it is handed on by sentences, and a figure's point ends none."""
    text = "Your A1c is 7.4 % now. Ask the clinic! Is it 1. or e.g. b. then?\nYes"

    found = [each async for each in gather(_pieces(text[at : at + size] for at in range(0, len(text), size)))]

    assert found == ["Your A1c is 7.4 % now. ", "Ask the clinic! ", "Is it 1. or e.g. b. then?\n", "Yes"]


async def test_what_never_ends_is_handed_on() -> None:
    """A text without an end does not fill the memory."""
    found = [each async for each in gather(_pieces(["word "] * 1000))]

    assert len(found) > 1
    assert max(map(len, found)) <= LONGEST + 5
    assert "".join(found) == "word " * 1000


@EXAMPLES
def test_nothing_is_lost(examples: int) -> None:
    """The sentences of a text are the text."""

    def check(text: str) -> None:
        assert "".join(split(text)) == text

    hold(examples, check, text=texts(examples, 200))
