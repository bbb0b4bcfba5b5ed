"""Words of alarm, however they are spelt."""

from __future__ import annotations

import pytest

from service_chat.alarming import NEIGHBOURS, WORDS
from service_chat.assessment import TIERS
from service_chat.clinical import DRUGS
from service_chat.spelling import LONGEST, meant, split


@pytest.mark.parametrize(
    ("word", "word_of_alarm"),
    [
        ("chst", "chest"),
        ("chset", "chest"),
        ("cheest", "chest"),
        ("chist", "chest"),
        ("tounge", "tongue"),
        ("unconcious", "unconscious"),
        ("ibuprophen", "ibuprofen"),
        ("ch3st", "chest"),
        ("chestttt", "chest"),
        ("paaaain", "pain"),
    ],
)
def test_a_slip_is_forgiven(word: str, word_of_alarm: str) -> None:
    """A letter too many, missing, wrong, swapped, drawn out or written as a figure is heard as what was meant."""
    assert word_of_alarm in meant(word)


@pytest.mark.parametrize(
    "word", ["chess", "breaking", "strike", "plain", "chts", "pan", "best", "a1c", "p000102", "h1n1"]
)
def test_what_means_itself_is_left_alone(word: str) -> None:
    """Common words, short ones, and figures with a letter are nothing else."""
    assert meant(word) == ()


def test_words_of_alarm_mean_themselves() -> None:
    """What is spelt as it should be is not read as its neighbour, and is no common word besides."""
    assert {word: meant(word) for word in WORDS if meant(word)} == {}
    assert sorted(WORDS & NEIGHBOURS) == []
    assert [word for word in WORDS if len(word) > LONGEST - 2] == []


def test_words_that_were_run_together_are_parted() -> None:
    """Two words of alarm without a blank are two, other words stay one."""
    assert split("chestpain") == ("chest", "pain")
    assert split("heartburn") == ("heartburn",)
    assert split("x" * 2000) == ("x" * 2000,)


def test_words_of_alarm_are_listened_for() -> None:
    """No word is there in vain: a table listens for it, or it is a drug."""
    terms = {
        word
        for rules in TIERS
        for rule in rules
        for pattern in (*rule.heard, *rule.fixed, *rule.also)
        for part in pattern.split()
        for word in part.split("|")
    }
    stems = tuple(word[:-1] for word in terms if word.endswith("*"))
    drugs = {name for names in DRUGS.values() for name in names}

    assert sorted(word for word in WORDS - terms - drugs if not word.startswith(stems)) == []
