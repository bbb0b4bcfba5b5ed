"""Text that comes in pieces, handed on in whole sentences: what is no sentence yet cannot be judged."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# A point after a figure or one letter ends nothing: "1.", "e.g.".
END = re.compile(r"(?<![\s.][0-9A-Za-z])(?<!^[0-9A-Za-z])[.!?]+[\"')\]]*\s+|\n+")
# What goes on for longer is handed on as if it had ended.
LONGEST = 600


def split(text: str) -> list[str]:
    """Return the sentences of TEXT with the blanks between them, which together are TEXT."""
    found, start = [], 0
    for end in END.finditer(text):
        found.append(text[start : end.end()])
        start = end.end()
    return [*found, text[start:]] if start < len(text) else found


async def gather(pieces: AsyncGenerator[str]) -> AsyncGenerator[str]:
    """Yield the sentences of PIECES as soon as each is complete."""
    kept = ""
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            kept += piece
            *whole, kept = split(kept) or [""]
            for sentence in whole:
                yield sentence
            if len(kept) > LONGEST:
                yield kept
                kept = ""
    if kept:
        yield kept
