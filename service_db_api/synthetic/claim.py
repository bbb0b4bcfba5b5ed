"""What was billed for a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_db_api.synthetic.encounter import reasons
from service_db_api.synthetic.pools import pools

if TYPE_CHECKING:
    from service_db_api.store.row import Row
    from service_db_api.synthetic.draw import Draw
    from service_db_api.synthetic.findings import Findings
    from service_db_api.synthetic.person import Person
    from service_db_api.synthetic.visit import Visit

SENIOR = 65
STATUSES = ("paid", "denied", "pending", "submitted")
# Of claims that have had their time, and of those of the last month.
WEIGHTS = (912, 56, 26, 6)
FRESH_WEIGHTS = (50, 2, 28, 20)
FRESH_DAYS = 30
SHARES = (0, 10, 15, 20, 25)
COMPLEX = 2


def claim(person: Person, visit: Visit, found: Findings) -> Row:
    """Return the row of the one claim of VISIT; amounts in cents."""
    draw = person.draw(f"claim {visit.index}")
    codes = _codes(visit, found)
    billed = _billed(draw, visit, codes)
    allowed = billed * draw.between(55, 82) // 100
    fresh = (person.as_of - visit.day).days <= FRESH_DAYS
    status = draw.weighted(STATUSES, FRESH_WEIGHTS if fresh else WEIGHTS)
    # Who is refused owes all that the plan would have allowed; who waits owes nothing yet.
    share = {"paid": draw.one(SHARES), "denied": 100}.get(status, 0)
    return {
        "claim_id": f"CLM-{visit.day.year}-{person.mrn[1:]}{visit.index:02}",
        "patient_mrn": person.mrn,
        "encounter_id": visit.encounter_id,
        "payer": _payer(person),
        "service_date": visit.day.isoformat(),
        "cpt_codes": codes,
        "icd10_codes": [each.code for each in reasons(visit)],
        "billed_amount": billed,
        "allowed_amount": allowed,
        "patient_responsibility": allowed * share // 100,
        "status": status,
    }


def _payer(person: Person) -> str:
    """Return the plan of PERSON, the same one for all their claims."""
    known = pools().prices
    return person.draw("payer").one(known.payers_from_65 if person.age >= SENIOR else known.payers)


def _codes(visit: Visit, found: Findings) -> list[str]:
    office = "99214" if len(visit.about) + bool(found.labs) >= COMPLEX or visit.kind == "inpatient" else "99213"
    if visit.occasion and visit.occasion.wellness:
        office = "99396"
    taken = {each.test.loinc for each in found.labs}
    tests = [code for code, loincs in pools().prices.tests.items() if taken.intersection(loincs)]
    traced = visit.kind != "telehealth" and any(each.condition.tracing for each in visit.about)
    return [office, *tests, *(["93000"] if traced else [])]


def _billed(draw: Draw, visit: Visit, codes: list[str]) -> int:
    known = pools().prices
    billed = sum(known.prices[code] for code in codes) * draw.between(90, 118) // 100
    if visit.kind in known.extra:
        billed += draw.between(*known.extra[visit.kind])
    # Bills are in whole dollars.
    return billed // 100 * 100
