"""The plan for somebody with a lasting condition."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from service_db_api.synthetic.prose import capital, day_of, month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service_db_api.store.row import Row
    from service_db_api.synthetic.person import Held, Person
    from service_db_api.synthetic.treatment import Taken, Treatment
    from service_db_api.synthetic.visit import Visit

AFTER_VISIT = timedelta(minutes=30)
AFTER_ONSET = timedelta(days=21)


def care_plan(person: Person, treatment: Treatment, visits: Sequence[Visit], author: str) -> Row | None:
    """Return the row of PERSON's plan, written by the provider AUTHOR, or None when there is nothing lasting."""
    lasting = [each for each in person.held if each.condition.lasting]
    if not lasting:
        return None
    created = _created(lasting, visits)
    known = [each for each in lasting if each.onset <= created.date()]
    names = " and ".join(each.condition.name for each in known)
    return {
        "doc_id": f"DOC-CAREPLAN-{person.mrn}-{created.year}",
        "patient_mrn": person.mrn,
        "source_type": "care_plan",
        "title": f"Care plan {created.year}: {names}",
        "text": " ".join(_sentences(person, treatment, known, created)),
        "tags": [*(each.condition.tag for each in known), "care plan"],
        "metadata": {"author_provider_id": author, "created_at": created, "encounter_id": None},
    }


def _created(lasting: list[Held], visits: Sequence[Visit]) -> datetime:
    """Return the end of the last office visit, or three weeks after the first onset when that came later."""
    first = lasting[0].onset
    known = [each.end for each in visits if each.day >= first]
    return known[-1] + AFTER_VISIT if known else datetime.combine(first + AFTER_ONSET, time(15), UTC)


def _sentences(person: Person, treatment: Treatment, known: list[Held], created: datetime) -> list[str]:
    day = created.date()
    said = [f"This plan was agreed on {day_of(day)} and is gone through again at every visit."]
    for held in known:
        condition = held.condition
        said.append(f"{capital(condition.name)}, known since {month(held.onset)}: the goal is {condition.goals[0]}.")
        said += [_medicine(each) for each in treatment.on(day) if each.held is held]
        said += [_stopped(each) for each in treatment.taken if each.held is held and each.end and each.end <= day]
        if treatment.unruly(held, day):
            said.append("The goal is not reached yet, and the next visit will decide about a change.")
        said.append(f"Monitoring: {condition.monitoring[0]}.")
        said.append(f"When to call: {condition.call[0]}.")
    said.append(_allergies(person))
    said.append(
        "Between visits the clinic can be reached through the portal or by telephone during office hours, and "
        "emergencies go to the emergency number and not to the portal. Bring this plan, a list of all medicines and "
        "any readings taken at home to each appointment, and tell the clinic about medicines that others prescribed."
    )
    return said


def _medicine(taken: Taken) -> str:
    since = f"added on {day_of(taken.start)} to reach the goal" if taken.added_at else f"since {month(taken.start)}"
    return f"Medicine: {taken.drug.name}, {since} ({taken.drug.sig})."


def _stopped(taken: Taken) -> str:
    ended = taken.end or taken.start
    return f"{capital(taken.drug.name)} was stopped in {month(ended)} because of {taken.drug.reason}."


def _allergies(person: Person) -> str:
    if not person.reactions:
        return "Allergies: none known."
    known = [f"{each.allergen.substance}, which caused {each.reaction} ({each.severity})" for each in person.reactions]
    return f"Allergies: {'; '.join(known)}."


def author(person: Person) -> str:
    """Return the provider who looks after PERSON as a whole: a family doctor, or an internist for about a third."""
    specialty = 1 if person.draw("care").chance(0.35) else 0
    return str(person.practice.providers[specialty]["provider_id"])
