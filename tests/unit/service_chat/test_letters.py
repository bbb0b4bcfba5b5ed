"""Whatever is typed, as plain words."""

from __future__ import annotations

import pytest

from service_chat.letters import normalise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Chest PAIN!", " chest pain . "),
        ("\uff43\uff48\uff45\uff53\uff54", " chest "),
        ("\u0441h\u0435st", " chest "),
        ("che\u0301st", " chest "),
        ("ch\u200b\u00ades\u2060t", " chest "),
        ("c h e s t  p a i n", " chest pain "),
        ("can\u2019t, don't", " cant , dont "),
        ("chest.pain", " chest , pain "),
        ("no - chest", " no , chest "),
        ("a-b_c/d", " a b c d "),
        ("p@in", " pain "),
        ("7.4 at 39.5.", " 7.4 at 39.5 . "),
        ("stra\u00dfe \u00fcber", " strasse uber "),
        ("I am a b", " i am a b "),
    ],
)
def test_looks_do_not_count(text: str, words: str) -> None:
    """Case, width, accents, alphabets that look alike and what cannot be seen make no difference."""
    assert normalise(text) == words
