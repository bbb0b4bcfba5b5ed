"""A visit as the record holds it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from service_db_api.synthetic.prose import capital

if TYPE_CHECKING:
    from service_db_api.store.row import Row
    from service_db_api.synthetic.findings import Findings
    from service_db_api.synthetic.person import Person
    from service_db_api.synthetic.pools import Reason
    from service_db_api.synthetic.treatment import Treatment
    from service_db_api.synthetic.visit import Visit

SYSTEM = "ICD-10"
DRAWN = timedelta(minutes=10)


def reasons(visit: Visit) -> list[Reason]:
    """Return what VISIT is about."""
    if visit.occasion:
        return [visit.occasion]
    return [each.condition for each in visit.about]


def encounter(person: Person, treatment: Treatment, visit: Visit, found: Findings) -> Row:
    """Return the row of VISIT."""
    by_video = ", by video" if visit.kind == "telehealth" else ""
    return {
        "encounter_id": visit.encounter_id,
        "patient_mrn": person.mrn,
        "provider_id": visit.provider["provider_id"],
        "type": visit.kind,
        "location": f"{visit.provider['location']}{by_video}",
        "start": visit.start,
        "end": visit.end,
        "diagnoses": [{"code": each.code, "system": SYSTEM, "display": each.display} for each in reasons(visit)],
        "vitals": found.vitals,
        "labs": [
            {
                "name": each.test.name,
                "loinc": each.test.loinc,
                "value": each.value,
                "unit": each.test.unit,
                "collected_at": visit.start + DRAWN,
            }
            for each in found.labs
        ],
        "notes": _gist(treatment, visit),
    }


def _gist(treatment: Treatment, visit: Visit) -> str:
    """Return a sentence or two."""
    about = " and ".join(each.name for each in reasons(visit))
    if visit.occasion:
        return f"Seen for: {about}."
    first = f"Follow-up of {about}."
    added = treatment.added(visit)
    if added:
        return f"{first} {capital(' and '.join(each.drug.name for each in added))} added."
    unruly = [each.condition.name for each in visit.about if treatment.unruly(each, visit.day)]
    return f"{first} {capital(' and '.join(unruly))} not at goal yet." if unruly else f"{first} No change."
