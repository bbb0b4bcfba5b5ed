"""Whether what is told of a patient makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from service_db_api.synthetic.pools import Condition, pools
from tests.unit.service_db_api.synthetic.made import people, somebody

if TYPE_CHECKING:
    from service_db_api.store.row import Row

# Enough that each condition is there.
MANY = 400
CONDITIONS = {each.code: each for each in pools().conditions}


def patients_with(code: str) -> list[dict[str, list[Row]]]:
    """Return who has the condition CODE."""
    return [each for each in people(MANY) if code in codes(each["patients"][0])]


def codes(patient: Row) -> set[str]:
    return {each["code"] for each in patient["conditions"]}


def labs(encounter: Row) -> dict[str, float]:
    """Return the values of ENCOUNTER by LOINC code."""
    return {each["loinc"]: each["value"] for each in encounter["labs"]}


def about(encounter: Row, code: str) -> bool:
    return code in {each["code"] for each in encounter["diagnoses"]} and encounter["type"] != "telehealth"


@pytest.mark.parametrize("code", sorted(CONDITIONS))
def test_everybody_takes_what_their_condition_asks_for(code: str) -> None:
    """Each condition is there, is treated with one of its own medicines, and shows in a visit about it."""
    condition = CONDITIONS[code]
    drugs = {each.code for each in (*condition.first, *condition.step, *condition.former)}
    having = patients_with(code)

    assert having
    for each in having:
        taken = {one["drug_code"] for one in each["patients"][0]["medications"]}
        assert taken & drugs or all(set(one.unless) & codes(each["patients"][0]) for one in condition.first)
    assert any(about(visit, code) for each in having for visit in each["encounters"])


def test_every_medicine_is_for_something_that_is_had() -> None:
    """Nobody takes what none of their conditions asks for."""
    for each in people(MANY):
        patient = each["patients"][0]
        drugs = {
            drug.code
            for code in codes(patient)
            for drug in (*CONDITIONS[code].first, *CONDITIONS[code].step, *CONDITIONS[code].former)
        }
        assert {one["drug_code"] for one in patient["medications"]} <= drugs


def test_no_visit_is_about_what_comes_later() -> None:
    """A diagnosis of a lasting condition is not older than its onset."""
    for each in people(MANY):
        onset = {one["code"]: one["onset_date"] for one in each["patients"][0]["conditions"]}
        for visit in each["encounters"]:
            for one in visit["diagnoses"]:
                assert onset.get(one["code"], "") <= visit["start"].date().isoformat()


@pytest.mark.parametrize(
    ("code", "loinc"), [("E11.9", "4548-4"), ("E78.5", "13457-7"), ("N18.31", "2160-0"), ("E03.9", "3016-3")]
)
def test_the_value_that_matters_is_measured(code: str, loinc: str) -> None:
    """A visit about diabetes has its A1c, and so on."""
    visits = [visit for each in patients_with(code) for visit in each["encounters"] if about(visit, code)]

    assert visits
    assert all(loinc in labs(visit) for visit in visits)


def test_warfarin_comes_with_its_inr() -> None:
    """Who takes warfarin has an INR at each visit about the heart, and nobody else has one."""
    warfarin, measured = 0, 0
    for each in people(MANY):
        starts = [
            one["start_date"] for one in each["patients"][0]["medications"] if str(one["name"]).startswith("warfarin")
        ]
        for visit in each["encounters"]:
            takes = bool(starts) and starts[0] <= visit["start"].date().isoformat()
            assert ("6301-6" in labs(visit)) == (takes and about(visit, "I48.91"))
            measured += "6301-6" in labs(visit)
        warfarin += bool(starts)
    assert warfarin
    assert measured


@pytest.mark.parametrize("code", [each.code for each in pools().conditions if each.step])
def test_a_medicine_that_was_added_did_some_good(code: str) -> None:
    """What is added is told of in the note of that day, and the values after it are at their goal."""
    condition, told = CONDITIONS[code], 0
    for each in patients_with(code):
        for taken in each["patients"][0]["medications"]:
            added = [
                note
                for note in each["documents"]
                if "medication change" in note["tags"] and f"{taken['name']} was added" in note["text"].lower()
            ]
            if added and taken["drug_code"] in {one.code for one in condition.step}:
                told += 1
                assert added[0]["metadata"]["created_at"].date().isoformat() >= taken["start_date"]
                at_goal(condition, each["encounters"], taken["start_date"])
    assert told


def at_goal(condition: Condition, encounters: list[Row], after: str) -> None:
    for test in condition.labs:
        if test.goal:
            for visit in encounters:
                day = visit["start"].date().isoformat()
                if test.loinc in labs(visit) and day > after:
                    assert labs(visit)[test.loinc] <= test.goal


def test_somebody_pregnant_could_be() -> None:
    """Pregnancies are those of women of an age for it, with no medicine that would harm, and of this year."""
    for each in patients_with("Z34.90"):
        patient = each["patients"][0]
        assert patient["sex"] == "F"
        assert codes(patient) <= {"Z34.90", *(CONDITIONS["Z34.90"].goes_with or ())}
        onset = next(one["onset_date"] for one in patient["conditions"] if one["code"] == "Z34.90")
        assert onset > "2025-03-01"


def test_measured_values_could_be_a_persons() -> None:
    """Vital signs lie where those of somebody alive do, and nothing is examined by video."""
    bounds: dict[str, tuple[float, float]] = {
        "bp_systolic": (95, 170),
        "bp_diastolic": (55, 105),
        "heart_rate": (50, 115),
        "weight_kg": (45, 110),
        "temp_c": (36.0, 39.0),
        "spo2_pct": (88, 100),
    }
    for visit in (visit for each in people(MANY) for visit in each["encounters"]):
        measured: dict[str, Any] = visit["vitals"]
        for name, (low, high) in bounds.items():
            assert measured[name] is None or low <= measured[name] <= high
        if visit["type"] == "telehealth":
            assert measured["weight_kg"] is None
            assert visit["labs"] == []


def test_documents_are_worth_retrieving() -> None:
    """Each visit has a note, who has something lasting has one plan, and all are long enough to search in."""
    for each in people(MANY):
        kinds = [one["source_type"] for one in each["documents"]]
        lasting = any(CONDITIONS[code].lasting for code in codes(each["patients"][0]))
        assert kinds.count("visit_note") == len(each["encounters"])
        assert kinds.count("care_plan") == lasting
        for one in each["documents"]:
            assert 80 <= len(one["text"].split()) <= 600
            assert "{" not in one["text"]
            assert ".." not in one["text"]


def test_a_note_names_what_its_visit_found() -> None:
    """The A1c in the note is that of the laboratory, and the medicines are those of the record."""
    each = next(each for each in patients_with("E11.9") if any("4548-4" in labs(one) for one in each["encounters"]))
    visit = next(one for one in each["encounters"] if "4548-4" in labs(one))
    note = next(one for one in each["documents"] if one["metadata"]["encounter_id"] == visit["encounter_id"])

    assert f"Hemoglobin A1c is {labs(visit)['4548-4']:.1f} %" in note["text"]
    assert "metformin" in note["text"]
    assert "diabetes" in note["tags"]


def test_who_somebody_is_depends_on_seed_and_number_alone() -> None:
    """Another seed makes another patient under the same MRN."""
    one, other = somebody(1, seed=7)["patients"][0], somebody(1, seed=8)["patients"][0]

    assert one["mrn"] == other["mrn"] == "P100001"
    assert one["name"] != other["name"]
