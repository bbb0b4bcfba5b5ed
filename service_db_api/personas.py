"""
The eight fixed patients that documentation, tests and the demo share.

One file each in `records/`. All of them are invented; none resembles a person.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service_db_api.dataset import Dataset
from service_db_api.models import Claim, Document, Encounter, Patient, Provider

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("records")


@functools.cache
def personas() -> Dataset:
    """
    Return the patients and their providers, the same ones to all, who leave them as they are.

    Raises pydantic's ValidationError for a file with a misspelt field.
    """
    providers = [Provider.model_validate(each, extra="forbid") for each in _read("providers")["providers"]]
    total = Dataset(providers=providers)
    for path in sorted(FOLDER.glob("P*.toml")):
        total += _persona(_read(path.stem))
    return total


def _persona(raw: dict[str, Any]) -> Dataset:
    """Return one patient's records; the files leave out what follows from the place of a record."""
    patient = Patient.model_validate(raw["patient"], extra="forbid")
    theirs = {"patient_mrn": patient.mrn}
    encounters = list(_encounters(raw, theirs))
    found = Dataset(patients=[patient], encounters=encounters)
    for visit in raw.get("encounters", ()):
        at = {"encounter_id": visit["encounter_id"]}
        claim = {**visit["claim"], **theirs, **at, "service_date": visit["start"].date()}
        found.claims.append(Claim.model_validate(claim, extra="forbid"))
        note = {"doc_id": f"DOC-VISITNOTE-{visit['encounter_id']}", "source_type": "visit_note", **visit["note"]}
        metadata = {"author_provider_id": visit["provider_id"], "created_at": visit["end"], **at}
        found.documents.append(Document.model_validate({**note, **theirs, "metadata": metadata}, extra="forbid"))
    if plan := raw.get("care_plan"):
        created = plan.pop("created_at")
        metadata = {"author_provider_id": patient.primary_care_provider_id, "created_at": created}
        document = {
            "doc_id": f"DOC-CAREPLAN-{patient.mrn}-{created.year}",
            "source_type": "care_plan",
            **plan,
            **theirs,
            "metadata": metadata,
        }
        found.documents.append(Document.model_validate(document, extra="forbid"))
    return found


def _encounters(raw: dict[str, Any], theirs: dict[str, str]) -> Iterator[Encounter]:
    for visit in raw.get("encounters", ()):
        own = {name: value for name, value in visit.items() if name not in ("claim", "note")}
        labs = [{"collected_at": visit["start"], **each} for each in own.pop("labs", ())]
        yield Encounter.model_validate({**own, **theirs, "labs": labs}, extra="forbid")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
