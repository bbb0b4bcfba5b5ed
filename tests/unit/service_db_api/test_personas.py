"""The eight fixed patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_db_api.personas import personas

if TYPE_CHECKING:
    from service_db_api.dataset import Dataset

EVERYBODY = personas()


def test_every_reference_resolves() -> None:
    """No record points at a patient, encounter or provider that is not there."""
    mrns = {each.mrn for each in EVERYBODY.patients}
    encounters = {each.encounter_id for each in EVERYBODY.encounters}
    providers = {each.provider_id for each in EVERYBODY.providers}

    assert {each.patient_mrn for each in EVERYBODY.encounters} <= mrns
    assert {each.patient_mrn for each in EVERYBODY.claims} <= mrns
    assert {each.patient_mrn for each in EVERYBODY.documents} <= mrns
    assert {each.encounter_id for each in EVERYBODY.claims} <= encounters
    assert {each.metadata.encounter_id for each in EVERYBODY.documents} - {None} <= encounters
    named = {each.provider_id for each in EVERYBODY.encounters}
    named |= {each.metadata.author_provider_id for each in EVERYBODY.documents}
    named |= {each.primary_care_provider_id for each in EVERYBODY.patients}
    assert named - {None} <= providers


def test_keys_are_unique() -> None:
    """No record overwrites another one when they are loaded."""
    for collection, records in EVERYBODY.by_collection():
        keys = [getattr(each, collection.key) for each in records]
        assert len(keys) == len(set(keys)), collection.name


def test_no_npi_could_be_a_real_persons() -> None:
    """Every NPI fails the check digit that real ones pass."""
    for provider in EVERYBODY.providers:
        digits = [int(each) for each in reversed(f"80840{provider.npi}")]
        doubled = [sum(divmod(2 * each, 10)) if place % 2 else each for place, each in enumerate(digits)]
        assert sum(doubled) % 10 != 0, provider.provider_id


def test_documents_are_worth_retrieving() -> None:
    """Documents are long enough for a search in them to mean something."""
    words = {document.doc_id: len(document.text.split()) for document in EVERYBODY.documents}

    assert {name: number for name, number in words.items() if not 80 <= number <= 600} == {}


def test_who_they_are() -> None:
    """What documentation and the golden questions rely on is in the data."""
    found = {each.mrn: each for each in EVERYBODY.patients}

    assert sorted(found) == [f"P00010{number}" for number in range(1, 9)]
    assert _a1c(EVERYBODY) == [8.1, 7.4]
    assert found["P000101"].allergies[0].substance == "penicillin"
    assert [each.code for each in found["P000102"].conditions] == ["I48.91", "I10"]
    assert next(each.type for each in EVERYBODY.encounters if each.patient_mrn == "P000103") == "emergency"
    assert [each.status for each in EVERYBODY.claims if each.patient_mrn == "P000104"][-1] == "denied"
    assert not any(each.patient_mrn == "P000108" for each in EVERYBODY.encounters)


def _a1c(dataset: Dataset) -> list[float]:
    theirs = [each for each in dataset.encounters if each.patient_mrn == "P000101"]
    return [lab.value for each in theirs for lab in each.labs if lab.loinc == "4548-4"]


def test_they_are_the_same_every_time() -> None:
    """No clock and no chance: two readings are equal."""
    assert personas.__wrapped__() == EVERYBODY


def test_datasets_are_joined() -> None:
    """Generated patients will stand beside the fixed ones."""
    twice = EVERYBODY + EVERYBODY

    assert [len(records) for _, records in twice.by_collection()] == [
        2 * len(records) for _, records in EVERYBODY.by_collection()
    ]
