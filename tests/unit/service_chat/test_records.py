"""What triage knows of a patient."""

from __future__ import annotations

import pytest

from tests.unit.service_chat.served import SUMMARIES, record


@pytest.mark.parametrize("mrn", list(SUMMARIES))
def test_nothing_that_names_the_person_comes_in(mrn: str) -> None:
    """Name, birth date and address are dropped at the door."""
    person = SUMMARIES[mrn]["patient"]
    private = [person["name"]["first"], person["name"]["last"], person["dob"], *person["address"].values()]

    known = record(mrn).patient.model_dump_json()

    assert not [each for each in private if f'"{each}"' in known]


def test_what_has_ended_is_not_current() -> None:
    """A medicine with an end date is history, whatever today is."""
    patient = record("P000102").patient

    assert [each.drug for each in patient.current_medications] == ["apixaban", "lisinopril"]
    assert [each.drug for each in patient.medications if not each.current] == ["metoprolol"]


def test_a_drug_is_named_without_its_strength() -> None:
    """Answers name drugs, not doses."""
    names = [each.drug for mrn in SUMMARIES for each in record(mrn).patient.medications]

    assert "prenatal vitamin" in names
    assert "albuterol inhaler" in names
    assert not [each for each in names if any(letter.isdigit() for letter in each)]
