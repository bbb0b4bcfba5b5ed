"""
Summaries: kept ready beside the records, and computed where none is kept.

Whoever writes records takes the summaries of the patients concerned away
before, and puts new ones there afterwards. A reader in between, and one of
records that another tool wrote, gets a computed summary; it is also what tests
compare the kept one with.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from service_db_api.store.assembly import WHOLE, Limits, Parts, assembled, cut
from service_db_api.store.row import body, etag
from service_db_api.store.schema import (
    CLAIMS,
    DOCUMENTS,
    ENCOUNTERS,
    PATIENTS,
    PROVIDERS,
    SUMMARIES,
    UP,
    Collection,
)

if TYPE_CHECKING:
    from collections.abc import Collection as Some
    from collections.abc import Mapping

    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

# Raised with every change of what a summary looks like; kept ones of another form are as good as none.
FORM = 1
PLAN = "care_plan"


@dataclass(frozen=True)
class Answer:
    """The body of a summary and its entity tag."""

    body: bytes
    etag: str


async def summary(store: Store, mrn: str, limits: Limits = WHOLE) -> Answer | None:
    """Return the summary of MRN within LIMITS, or None when nobody has this MRN."""
    kept = await store.one(SUMMARIES, mrn)
    if kept is None or kept["form"] != FORM:
        made = await computed(store, mrn, limits)
        if made is None:
            return None
        content = body(made)
    elif limits == WHOLE:
        return Answer(kept["body"].encode(), kept["etag"])
    else:
        content = body(cut(orjson.loads(kept["body"]), limits))
    return Answer(content, etag(content))


async def computed(store: Store, mrn: str, limits: Limits = WHOLE) -> Row | None:
    """Return the summary of MRN within LIMITS as the records tell it, or None when nobody has this MRN."""
    theirs = {"patient_mrn": mrn}
    plans = {**theirs, "source_type": PLAN}
    others = {**theirs, "source_type": {"$ne": PLAN}}
    patient, encounters, claims, planned, rest = await asyncio.gather(
        store.one(PATIENTS, mrn),
        store.many(ENCOUNTERS, theirs, ENCOUNTERS.listed, WHOLE.encounters),
        store.many(CLAIMS, theirs, CLAIMS.listed, WHOLE.claims),
        store.many(DOCUMENTS, plans, DOCUMENTS.listed, WHOLE.documents),
        store.many(DOCUMENTS, others, DOCUMENTS.listed, WHOLE.documents),
    )
    if patient is None:
        return None
    # A list that is not full has been counted by reading it.
    counts = await asyncio.gather(
        _count(store, ENCOUNTERS, theirs, len(encounters), WHOLE.encounters),
        _count(store, CLAIMS, theirs, len(claims), WHOLE.claims),
        _count(store, DOCUMENTS, theirs, len(planned) + len(rest), WHOLE.documents),
    )
    parts = Parts(patient, encounters, claims, planned, rest, counts)
    return assembled(parts, await _providers(store, parts.named(limits)), limits)


async def _count(store: Store, collection: Collection, where: Mapping[str, str], seen: int, limit: int) -> int:
    return seen if seen < limit else await store.count(collection, where)


async def _providers(store: Store, names: Some[str]) -> dict[str, Row]:
    if not names:
        return {}
    where = {PROVIDERS.key: {"$in": sorted(names)}}
    return {each[PROVIDERS.key]: each for each in await store.many(PROVIDERS, where, PROVIDERS.listed, len(names))}


async def keep(store: Store, mrns: Some[str]) -> None:
    """Write the summaries of MRNS as their records are now; those of whom there is no patient are left out."""
    wanted = {"$in": sorted(mrns)}
    patients = {each["mrn"]: each async for each in store.each(PATIENTS, {"mrn": wanted}, PATIENTS.listed)}
    encounters = await _newest(store, ENCOUNTERS, {"patient_mrn": wanted}, WHOLE.encounters)
    claims = await _newest(store, CLAIMS, {"patient_mrn": wanted}, WHOLE.claims)
    plans = await _newest(store, DOCUMENTS, {"patient_mrn": wanted, "source_type": PLAN}, WHOLE.documents)
    others = await _newest(store, DOCUMENTS, {"patient_mrn": wanted, "source_type": {"$ne": PLAN}}, WHOLE.documents)
    found = []
    for mrn, patient in patients.items():
        visits, bills, planned, rest = (each.get(mrn, _Newest([])) for each in (encounters, claims, plans, others))
        counts = (visits.count, bills.count, planned.count + rest.count)
        found.append(Parts(patient, visits.rows, bills.rows, planned.rows, rest.rows, counts))
    providers = await _providers(store, {name for each in found for name in each.named()})
    await store.upsert(SUMMARIES, [_kept(assembled(each, providers)) for each in found])


@dataclass
class _Newest:
    """The newest rows of one patient, and how many there are."""

    rows: list[Row]
    count: int = 0


async def _newest(store: Store, collection: Collection, where: Mapping[str, object], limit: int) -> dict[str, _Newest]:
    found: dict[str, _Newest] = {}
    async for each in store.each(collection, where, (("patient_mrn", UP), *collection.listed)):
        theirs = found.setdefault(each["patient_mrn"], _Newest([]))
        theirs.count += 1
        if len(theirs.rows) < limit:
            theirs.rows.append(each)
    return found


def _kept(summary: Row) -> Row:
    content = body(summary)
    return {"mrn": summary["patient"]["mrn"], "form": FORM, "body": content.decode(), "etag": etag(content)}
