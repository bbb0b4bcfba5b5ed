"""What holds for generated records, whatever they are generated from."""

from __future__ import annotations

import functools
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from service_db_api.personas import personas
from service_db_api.store.row import row
from service_db_api.store.schema import COLLECTIONS
from service_db_api.synthetic import generator
from service_db_api.synthetic.generator import MOST, MOST_SEED, Batch, Recipe, batches
from service_db_api.synthetic.practice import PATIENTS
from tests.unit.service_db_api.synthetic.made import RECIPES, everything
from tests.unit.service_kit.examples import hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_db_api.store.row import Row


@functools.cache
def golden() -> Batch:
    """Return a set in which every number of things occurs, generated once for all tests that read it."""
    return everything(Recipe(patients=300))


def keys(found: Batch, collection: str, key: str) -> set[str]:
    return {each[key] for each in found[collection]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"patients": -1}, "number of patients"),
        ({"patients": MOST + 1}, "number of patients"),
        ({"seed": -1}, "seed"),
        ({"seed": MOST_SEED + 1}, "seed"),
        ({"as_of": date(1999, 12, 31)}, "date"),
        ({"as_of": date(2100, 1, 1)}, "date"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: dict[str, Any], said: str) -> None:
    """A recipe out of bounds says which bound it is."""
    with pytest.raises(ValueError, match=said):
        Recipe(**arguments)


def references_resolve(found: Batch, _: Recipe) -> None:
    """No record points at a patient, an encounter, a provider or a document that is not there."""
    mrns = keys(found, "patients", "mrn")
    providers = keys(found, "providers", "provider_id")
    encounters = {each["encounter_id"]: each["patient_mrn"] for each in found["encounters"]}
    documents = {each["doc_id"]: each["patient_mrn"] for each in found["documents"]}

    for collection in ("encounters", "claims", "documents", "chat_logs", "audit_logs"):
        assert keys(found, collection, "patient_mrn") <= mrns
    assert all(encounters[each["encounter_id"]] == each["patient_mrn"] for each in found["claims"])
    for each in found["documents"]:
        visit = each["metadata"]["encounter_id"]
        assert visit is None or encounters[visit] == each["patient_mrn"]
    for chat in found["chat_logs"]:
        cited = [result["doc_id"] for event in chat["retrieval_events"] for result in event["results"]]
        assert {documents[each] for each in cited} <= {chat["patient_mrn"]}
    named = keys(found, "patients", "primary_care_provider_id") | keys(found, "encounters", "provider_id")
    named |= {each["metadata"]["author_provider_id"] for each in found["documents"]}
    assert named - {None} <= providers
    assert keys(found, "audit_logs", "request_id") <= keys(found, "chat_logs", "trace_id")


def rows_are_what_their_models_would_store(found: Batch, _: Recipe) -> None:
    """Hold each row against its model: all fields, in order, valid, and nothing that the model would drop or change."""
    for collection in COLLECTIONS:
        for each in found[collection.name]:
            stored = row(collection.model.model_validate(each, extra="forbid"))
            assert stored == each
            assert shape(stored) == shape(each)


def shape(value: object) -> object:
    """Return the names and types in VALUE, in order; 1 and 1.0 are equal and yet not the same JSON."""
    if isinstance(value, dict):
        return [(name, shape(each)) for name, each in value.items()]
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


def keys_are_unique(found: Batch, _: Recipe) -> None:
    """No record overwrites another one, a persona least of all."""
    for collection in COLLECTIONS:
        for name in (collection.key, *collection.unique):
            assert len(keys(found, collection.name, name)) == len(found[collection.name])


def nothing_is_later_than_the_day_it_is_generated_for(found: Batch, recipe: Recipe) -> None:
    """Onsets, prescriptions, visits, notes and conversations lie before as-of; visits in the two years before it."""
    generated = [each for rows in found.values() for each in rows if new(each)]

    for each in instants(generated):
        assert each.date() <= recipe.as_of
    for visit in filter(new, found["encounters"]):
        assert visit["start"] <= visit["end"]
        assert 0 < (recipe.as_of - visit["start"].date()).days <= 730
    for patient in filter(new, found["patients"]):
        assert all(held["onset_date"] <= recipe.as_of.isoformat() for held in patient["conditions"])
        assert all(held["onset_date"] > patient["dob"] for held in patient["conditions"])
        assert all(taken["start_date"] <= recipe.as_of.isoformat() for taken in patient["medications"])


def new(each: Row) -> bool:
    """Return whether a record is a generated patient's."""
    return str(each.get("mrn", each.get("patient_mrn", ""))) >= "P100000"


def instants(value: object) -> Iterator[datetime]:
    """Yield every instant in VALUE."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from instants(each)


def amounts_go_down(found: Batch, _: Recipe) -> None:
    """No patient owes more than the plan allows, and no plan allows more than was billed."""
    for each in found["claims"]:
        assert each["billed_amount"] >= each["allowed_amount"] >= each["patient_responsibility"] >= 0


def personas_come_first_and_as_they_are(found: Batch, recipe: Recipe) -> None:
    """Documentation, tests and the demo find theirs in every set."""
    first = next(iter(batches(recipe)))

    assert first == {each.name: [row(one) for one in records] for each, records in personas().by_collection()}
    assert len(found["patients"]) == 8 + recipe.patients


INVARIANTS = (
    references_resolve,
    rows_are_what_their_models_would_store,
    keys_are_unique,
    nothing_is_later_than_the_day_it_is_generated_for,
    amounts_go_down,
    personas_come_first_and_as_they_are,
)


@pytest.mark.parametrize("examples", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_generator_with_any_recipe_keeps_every_invariant(examples: int) -> None:
    """A set is generated once for all that holds of it; the trace names the one that does not."""

    def check(recipe: Recipe) -> None:
        found = everything(recipe)
        for invariant in INVARIANTS:
            invariant(found, recipe)

    hold(examples, check, recipe=RECIPES)


def test_a_smaller_set_is_the_beginning_of_a_larger_one() -> None:
    """Asking for more patients changes none of those that were there."""
    fewer = everything(Recipe(patients=7))

    for name, rows in fewer.items():
        assert golden()[name][: len(rows)] == rows


def test_who_treats_grows_with_the_number_of_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six providers treat the patients of a practice, and the next practice brings six more."""
    assert PATIENTS == 600
    monkeypatch.setattr(generator, "PATIENTS", 20)

    one, two = everything(Recipe(patients=20)), everything(Recipe(patients=40))

    assert (len(one["providers"]), len(two["providers"])) == (6, 12)
    for first, last, practice in (
        ("P100001", "P100020", two["providers"][:6]),
        ("P100021", "P100040", two["providers"][6:]),
    ):
        treating = {visit["provider_id"] for visit in two["encounters"] if first <= visit["patient_mrn"] <= last}
        assert treating
        assert treating <= {provider["provider_id"] for provider in practice}


def test_no_npi_could_be_a_real_persons() -> None:
    """Every NPI fails the check digit that real ones pass."""
    for provider in golden()["providers"]:
        digits = [int(each) for each in reversed(f"80840{provider['npi']}")]
        doubled = [sum(divmod(2 * each, 10)) if place % 2 else each for place, each in enumerate(digits)]
        assert sum(doubled) % 10 != 0, provider["provider_id"]


def test_no_address_could_be_a_real_one() -> None:
    """No ZIP code below 00500 was ever given out."""
    for patient in golden()["patients"][8:]:
        assert patient["address"]["zip"] < "00500"


def test_the_number_of_things_is_as_promised() -> None:
    """Conditions, medicines, allergies, visits, claims and documents stay in their bounds, and all are made use of."""
    counts: dict[str, set[int]] = {"conditions": set(), "medications": set(), "allergies": set(), "visits": set()}
    for patient in golden()["patients"][8:]:
        for name in ("conditions", "medications", "allergies"):
            counts[name].add(len(patient[name]))
        visits = [each for each in golden()["encounters"] if each["patient_mrn"] == patient["mrn"]]
        counts["visits"].add(len(visits))
    assert counts == {
        "conditions": {0, 1, 2, 3, 4},
        "medications": {0, 1, 2, 3, 4, 5},
        "allergies": {0, 1, 2},
        "visits": {2, 3, 4, 5, 6},
    }
    assert {each["type"] for each in golden()["encounters"]} == {"outpatient", "inpatient", "emergency", "telehealth"}
    # One claim for each visit, and about one in ten not paid.
    assert len(golden()["claims"]) == len(golden()["encounters"])
    unpaid = sum(each["status"] != "paid" for each in golden()["claims"]) / len(golden()["claims"])
    assert 0.07 < unpaid < 0.14
    assert 10 < len(golden()["chat_logs"]) == len(golden()["audit_logs"]) < 100
