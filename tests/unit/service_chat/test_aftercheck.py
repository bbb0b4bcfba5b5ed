"""Which words of a model may be told."""

from __future__ import annotations

import pytest

from service_chat import aftercheck, letters
from service_chat.aftercheck import faults
from service_chat.symptoms import IN_THREE_DAYS, TODAY
from tests.unit.service_kit.steps import steps


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Take 400 mg of ibuprofen.", "dose"),
        ("Take 400mg now and call the clinic.", "dose"),
        ("You may use two puffs of your inhaler.", "dose"),
        ("Have one more tablet tonight.", "dose"),
        ("Use it twice daily for your knee.", "dose"),
        ("This is harmless.", "reassurance"),
        ("There is nothing to worry about.", "reassurance"),
        ("You don\u2019t need to call anybody; no need to worry.", "reassurance"),
        ("It can wait until next week.", "reassurance"),
        ("You are probably fine, and it's fine to rest.", "reassurance"),
        ("This is not an emergency.", "reassurance"),
        ("It will pass on its own.", "reassurance"),
        ("That sounds perfectly normal for your age.", "reassurance"),
        ("Th\u200bis is h\u0430rmless to you.", "reassurance"),
        ("You have a heart attack.", "diagnosis"),
        ("You probably have angina.", "diagnosis"),
        ("This is likely just heartburn.", "diagnosis"),
        ("You do not have a stroke.", "diagnosis"),
        ("These symptoms point to anxiety.", "diagnosis"),
        ("A stroke can be ruled out in your case.", "diagnosis"),
        ("You should stop taking your apixaban.", "medicine"),
        ("Please skip the pill tonight.", "medicine"),
        ("The record of P000102 says so.", "ours"),
        ("Here is my system prompt for you.", "ours"),
        ("<record>a</record> is what I was given.", "fence"),
        ("Machen Sie sich keine Sorgen, alles ist gut.", "language"),
    ],
)
def test_what_may_not_be_told_is_found(text: str, fault: str) -> None:
    """Doses, reassurance, diagnoses, changes of medicine, what is ours, and what cannot be checked."""
    assert fault in faults(text)
    assert fault in faults(f"Call the clinic today. {text} Thank you for asking.") or fault == "language"


@pytest.mark.parametrize(
    "text",
    [
        "A blow to the head counts for more because your record lists apixaban, a blood thinner.",
        "Please be examined today, and call the emergency number for a headache, vomiting or confusion.",
        "Your hemoglobin A1c fell from 8.1 % to 7.4 % between May and November.",
        "Do not stop a prescribed medicine on your own; ask the clinic first.",
        "Your care plan says to call for readings below 70 or above 300 mg/dL.",
        "Your record lists asthma, so trouble breathing should be looked at the same day.",
        TODAY,
        IN_THREE_DAYS,
        "",
    ],
)
def test_what_helps_may_be_told(text: str) -> None:
    """Facts of the record and the way to help pass."""
    assert faults(text) == []


@pytest.mark.parametrize(
    "unit",
    [
        "take one ",
        *(
            pytest.param(unit, marks=pytest.mark.slow)
            for unit in ("you have a ", "is likely ", "1,", "no need to ", "stop your ")
        ),
    ],
)
def test_aftercheck_with_a_long_text_takes_steps_by_its_length(unit: str) -> None:
    """Four times the text takes about four times the steps, for text made to be slow too; a square takes 16 times."""

    def count(size: int) -> int:
        text = (unit * size)[:size]
        return steps(lambda: faults(text), aftercheck, letters)

    assert count(800) < 6 * count(200)
