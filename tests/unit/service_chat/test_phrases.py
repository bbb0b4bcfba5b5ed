"""Hearing phrases."""

from __future__ import annotations

import pytest

from service_chat.letters import normalise
from service_chat.phrases import Heard
from tests.unit.service_kit.examples import EXAMPLES, hold, texts

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


@EXAMPLES
def test_any_text_can_be_heard(examples: int) -> None:
    """Whatever is typed is reduced to words between single blanks."""

    def check(text: str) -> None:
        heard = Heard(text)

        heard.find_present(CHEST)
        assert heard.text.startswith(" ")
        assert heard.text.endswith(" ")
        assert "   " not in heard.text

    hold(examples, check, text=texts(examples, 400))


def test_numbers_keep_their_point() -> None:
    """A reading is one word, and a sentence still ends at its full stop."""
    assert normalise("A1c 7.4. Fever (39.5)") == " a1c 7.4 . fever , 39.5 , "


def test_another_deed_parts_what_belongs_to_one() -> None:
    """`.~` reaches as far as `..`, but not over a word that begins another deed."""
    pattern = "ate .~ pills"

    assert Heard("he ate all of the pills").find(pattern)
    assert not Heard("he ate before the pills").find(pattern)
    assert not Heard("he ate one two three four pills").find(pattern)


def test_a_drug_of_the_record_is_heard_as_a_drug() -> None:
    """What the record names is a drug, whatever it is called."""
    assert Heard("swallowed exampline", frozenset({"exampline"})).find("swallowed .. #drug")
    assert not Heard("swallowed exampline").find("swallowed .. #drug")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("sats 82%", "#lowoxygen"),
        ("RR 40", "#fastbreaths"),
        ("BP 230/130", "#highpressure"),
        ("30 weeks", "#gestation"),
        ("of P000102", "#mrn"),
    ],
)
def test_figures_are_heard_as_what_they_may_be(text: str, tag: str) -> None:
    """A figure beyond what it should be is heard, and an ordinary one is not."""
    assert Heard(text).find(tag)
    assert not Heard("sats 97%, RR 14, BP 128, 12 weeks").find(tag)


@pytest.mark.parametrize(
    "text", ["I bumped into a chest of drawers", "does aspirin prevent a stroke", "I can't breathe through my nose"]
)
def test_a_name_that_holds_a_word_of_alarm_is_not_heard(text: str) -> None:
    """Furniture, prevention and a cold are no symptoms."""
    heard = Heard(text)

    assert {"chest", "stroke", "breathe"}.isdisjoint(heard.words)


@pytest.mark.parametrize("text", ["I can't breathe through my nose or mouth", "prevent a stroke? I think I have one"])
def test_whoever_has_it_is_heard(text: str) -> None:
    """The same words are heard from somebody who has the illness."""
    assert not {"stroke", "breathe"}.isdisjoint(Heard(text).words)
