"""What one service generates, by what the other one knows."""

from __future__ import annotations

from service_chat.clinical import family
from tests.unit.service_db_api.synthetic.made import people


def test_nobody_is_given_what_they_are_allergic_to() -> None:
    """No medicine belongs to the family of a recorded allergy."""
    for each in people(400):
        patient = each["patients"][0]
        allergic = {str(one["substance"]).lower() for one in patient["allergies"]}
        allergic |= {family(one) or one for one in allergic}
        for taken in patient["medications"]:
            drug = str(taken["name"]).partition(" ")[0].lower()
            assert drug not in allergic
            assert family(drug) not in allergic
