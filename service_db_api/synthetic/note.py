"""The note of a visit, from whole sentences that agree with what was measured and taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_db_api.synthetic.encounter import reasons
from service_db_api.synthetic.prose import capital, day_of, lower, month

if TYPE_CHECKING:
    from service_db_api.store.row import Row
    from service_db_api.synthetic.findings import Finding, Findings
    from service_db_api.synthetic.person import Person
    from service_db_api.synthetic.treatment import Treatment
    from service_db_api.synthetic.visit import Visit

MANNER = {
    "outpatient": "Seen in the office",
    "telehealth": "Seen by video",
    "emergency": "Seen in the emergency department",
    "inpatient": "Admitted for a short stay",
}


def note(person: Person, treatment: Treatment, visit: Visit, found: Findings) -> Row:
    """Return the row of the note that was written when VISIT ended."""
    about = reasons(visit)
    tags = [each.tag for each in about]
    if treatment.added(visit):
        tags.append("medication change")
    if visit.kind != "outpatient":
        tags.append(visit.kind)
    names = " and ".join(each.name for each in about)
    return {
        "doc_id": f"DOC-VISITNOTE-{visit.encounter_id}",
        "patient_mrn": person.mrn,
        "source_type": "visit_note",
        "title": f"Visit note: {names}, {month(visit.day)}",
        "text": " ".join(_sentences(person, treatment, visit, found)),
        "tags": tags,
        "metadata": {
            "author_provider_id": visit.provider["provider_id"],
            "created_at": visit.end,
            "encounter_id": visit.encounter_id,
        },
    }


def _sentences(person: Person, treatment: Treatment, visit: Visit, found: Findings) -> list[str]:
    draw = person.draw(f"note {visit.index}")
    about = reasons(visit)
    names = " and ".join(each.name for each in about)
    said = [f"{MANNER[visit.kind]} on {day_of(visit.day)}. Reason for the visit: {names}."]
    said += [sentence for each in about for sentence in draw.some(each.history, 2)]
    said += _measured(treatment, visit, found)
    if visit.kind != "telehealth":
        said += [draw.one(each.exam) for each in about]
    said += _medicines(treatment, visit)
    said.append(_allergies(person))
    said += [draw.one(each.advice) for each in about]
    said += [draw.one(each.plan) for each in about]
    return said


def _measured(treatment: Treatment, visit: Visit, found: Findings) -> list[str]:
    vitals = found.vitals
    pressure = f"{vitals['bp_systolic']} over {vitals['bp_diastolic']} mmHg"
    if visit.kind == "telehealth":
        said = [f"Blood pressure taken at home is {pressure}."] if vitals["bp_systolic"] else []
        return [*said, "The visit was by video, so nothing was measured or examined here."]
    rest = f"temperature {vitals['temp_c']:.1f} °C and oxygen saturation {vitals['spo2_pct']} %"
    moving = f"heart rate {vitals['heart_rate']} a minute, weight {vitals['weight_kg']:.1f} kg"
    said = [f"Blood pressure is {pressure}, {moving}, {rest}."]
    for held in visit.about:
        if held.condition.pressure:
            above = treatment.unruly(held, visit.day)
            said.append(f"Blood pressure is {'above' if above else 'within'} the goal of 130 over 80.")
    return [*said, *(_value(each) for each in found.labs)]


def _value(finding: Finding) -> str:
    name, asked = finding.test.name, finding.asked
    if asked and asked.goal is not None:
        goal = f"{asked.goal:.{finding.test.places}f} {finding.test.unit}"
        return f"{name} is {finding.text}, {'above' if finding.value > asked.goal else 'within'} the goal of {goal}."
    if asked and asked.bad is None and asked.good:
        low, high = asked.good
        where = "below" if finding.value < low else "above" if finding.value > high else "within"
        return f"{name} is {finding.text}, {where} the range of {low:.1f} to {high:.1f} that the treatment aims for."
    return f"{name} is {finding.text}{', as known from before' if asked else ', which is normal'}."


def _medicines(treatment: Treatment, visit: Visit) -> list[str]:
    said = [
        f"{capital(each.drug.name)} was added today for {each.held.condition.name}, because the goal was not reached "
        f"with the treatment so far. Directions: {lower(each.drug.sig)}."
        for each in treatment.added(visit)
    ]
    before = [each.drug.name for each in treatment.on(visit.day) if each.added_at is not visit]
    if before:
        said.append(f"Medicines that go on unchanged: {', '.join(before)}.")
    elif not said:
        said.append("No medicine is taken regularly.")
    return said


def _allergies(person: Person) -> str:
    if not person.reactions:
        return "No allergies are known."
    known = ", ".join(f"{each.allergen.substance} ({each.reaction})" for each in person.reactions)
    return f"Allergies on record and confirmed: {known}."
