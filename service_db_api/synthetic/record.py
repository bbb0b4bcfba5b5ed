"""All that is on record about one patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_db_api.store.schema import AUDIT_LOGS, CHAT_LOGS, CLAIMS, DOCUMENTS, ENCOUNTERS, PATIENTS
from service_db_api.synthetic.care_plan import author, care_plan
from service_db_api.synthetic.claim import claim
from service_db_api.synthetic.conversation import conversation
from service_db_api.synthetic.encounter import SYSTEM, encounter
from service_db_api.synthetic.findings import findings
from service_db_api.synthetic.note import note
from service_db_api.synthetic.person import person
from service_db_api.synthetic.treatment import treatment
from service_db_api.synthetic.visit import visits

if TYPE_CHECKING:
    from datetime import date

    from service_db_api.store.row import Row
    from service_db_api.synthetic.person import Person
    from service_db_api.synthetic.practice import Practice
    from service_db_api.synthetic.treatment import Treatment

BASE_RISK, YEAR_RISK, CONDITION_RISK, UNRULY_RISK, MOST_RISK = 4, 0.4, 9, 5, 95


def record(number: int, seed: int, as_of: date, practice: Practice) -> dict[str, list[Row]]:
    """Return the rows of the patient NUMBER by the name of their collection."""
    whose = person(number, seed, as_of, practice)
    came = visits(whose)
    treated = treatment(whose, came)
    found = [findings(whose, treated, each) for each in came]
    pairs = list(zip(came, found, strict=True))
    cared_by = author(whose)
    plan = care_plan(whose, treated, came, cared_by)
    documents = [note(whose, treated, *each) for each in pairs] + ([plan] if plan else [])
    chat = conversation(whose, treated, came, documents)
    return {
        PATIENTS.name: [_patient(whose, treated, cared_by)],
        ENCOUNTERS.name: [encounter(whose, treated, *each) for each in pairs],
        CLAIMS.name: [claim(whose, *each) for each in pairs],
        DOCUMENTS.name: documents,
        CHAT_LOGS.name: [chat.chat_log] if chat else [],
        AUDIT_LOGS.name: [chat.audit_log] if chat else [],
    }


def _patient(whose: Person, treated: Treatment, cared_by: str) -> Row:
    return {
        "mrn": whose.mrn,
        "name": {"first": whose.first, "last": whose.last},
        "dob": whose.dob.isoformat(),
        "sex": whose.sex,
        "address": {"line1": whose.street, **whose.city.model_dump()},
        "conditions": [
            {
                "code": each.condition.code,
                "system": SYSTEM,
                "display": each.condition.display,
                "onset_date": each.onset.isoformat(),
            }
            for each in whose.held
        ],
        "medications": [
            {
                "drug_code": each.drug.code,
                "name": each.drug.name,
                "start_date": each.start.isoformat(),
                "end_date": each.end.isoformat() if each.end else None,
                "sig": each.drug.sig,
            }
            for each in treated.taken
        ],
        "allergies": [
            {"substance": each.allergen.substance, "reaction": each.reaction, "severity": each.severity}
            for each in whose.reactions
        ],
        "primary_care_provider_id": cared_by,
        "risk_score": _risk(whose, treated),
    }


def _risk(whose: Person, treated: Treatment) -> float:
    """Return a share of one that grows with age and conditions; it means nothing clinically."""
    unruly = sum(treated.unruly(each, whose.as_of) for each in whose.held)
    risk = BASE_RISK + int(whose.age * YEAR_RISK) + CONDITION_RISK * len(whose.held) + UNRULY_RISK * unruly
    return min(risk, MOST_RISK) / 100
