"""Hearing phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_chat.letters import normalise
from service_chat.phrases import Heard

CHEST = "chest .. pain|tight*"


@pytest.mark.parametrize(
    "text",
    [
        "chest",
        "pain in my chest",
        "My chest is quite alright, pain",
        "My chest is fine. Pain",
        "chest one two three four pain",
        "orchest pain",
        "chest painting",
    ],
)
def test_a_pattern_is_no_more_than_it_says(text: str) -> None:
    """Whole words, in order, close together, in one clause."""
    assert not Heard(text).find(CHEST)


@pytest.mark.parametrize(
    "text",
    [
        "chest pain",
        "CHEST\u00a0PAIN!!",
        "my chest feels tighter",
        "chest-pain",
        "ch\u200best pain",
        "\uff43hest pain",
        "chest one two three pain",
        "chest, pain",
        "My chest. Pain.",
        "chestpain",
        "c h e s t  p a i n",
        "chst pian",
        "ch3st pa1n",
    ],
)
def test_spelling_and_case_do_not_hide_a_phrase(text: str) -> None:
    """Case, punctuation around words, odd blanks and invisible characters do not count."""
    assert Heard(text).find(CHEST)


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain",
        "I have no chest pain.",
        "not any chest pain",
        "without any chest pain",
        "denies chest pain",
        "I don't have chest pain",
        "I had chest pain last year.",
        "Two years ago I had chest pain.",
        "As a child, I had chest pain.",
    ],
)
def test_denied_or_past_is_not_present(text: str) -> None:
    """A negator close before the symptom, or a marker of the past in its sentence, takes it back."""
    heard = Heard(text)

    assert heard.find(CHEST)
    assert not heard.find_present(CHEST)


@pytest.mark.parametrize(
    "text",
    [
        "no fever but chest pain",
        "no, chest pain",
        "No. Chest pain!",
        "no idea why, chest pain",
        "not chest pain but my chest is tight",
        "no chest pain yesterday, now chest pain",
        "I cannot climb stairs without chest pain",
        "hardly a day without chest pain",
        "I've had no chest pain like this",
        "no chest pain relief from the spray",
        "chest pain, no fever",
        "I had chest pain last year and now again",
        "chest pain since last year",
        "Last year was fine. I have chest pain.",
    ],
)
def test_in_doubt_a_symptom_is_present(text: str) -> None:
    """Nothing but a plain denial or a plain past takes a symptom back."""
    assert Heard(text).find_present(CHEST)


@given(text=st.text(max_size=400))
def test_any_text_can_be_heard(text: str) -> None:
    """Whatever is typed is reduced to words between single blanks."""
    heard = Heard(text)

    heard.find_present(CHEST)
    assert heard.text.startswith(" ")
    assert heard.text.endswith(" ")
    assert "   " not in heard.text


def test_numbers_keep_their_point() -> None:
    """A reading is one word, and a sentence still ends at its full stop."""
    assert normalise("A1c 7.4. Fever (39.5)") == " a1c 7.4 . fever , 39.5 , "
