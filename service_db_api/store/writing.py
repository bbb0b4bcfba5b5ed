"""Write records of patients, and keep what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_db_api.store import summaries
from service_db_api.store.row import same
from service_db_api.store.schema import CLAIMS, COLLECTIONS, DOCUMENTS, ENCOUNTERS, PATIENTS, PROVIDERS, SUMMARIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service_db_api.store.mongo import Store
    from service_db_api.store.row import Row

AT_ONCE = 100
# Conversations and events are in no summary.
SUMMARISED = (ENCOUNTERS, CLAIMS, DOCUMENTS)
FIRST = (PROVIDERS, PATIENTS)


async def write(store: Store, records: Mapping[str, Sequence[Row]]) -> dict[str, int]:
    """
    Write RECORDS, rows by the name of their collection, and return collection -> records written.

    They replace what has the same natural keys, and what others refer to comes
    first. The summaries of all patients concerned are gone before anything is
    written and there again at the end: after a fault they are missing, never
    wrong, and writing the same once more ends in the same. Two writers of one
    patient at once may leave an older summary.
    """
    concerned = await _concerned(store, records)
    await store.remove(SUMMARIES, concerned)
    ordered = [*FIRST, *(each for each in COLLECTIONS if each not in FIRST)]
    counts = {each.name: await store.upsert(each, records[each.name]) for each in ordered if each.name in records}
    for first in range(0, len(concerned), AT_ONCE):
        await summaries.keep(store, concerned[first : first + AT_ONCE])
    return counts


async def _concerned(store: Store, records: Mapping[str, Sequence[Row]]) -> list[str]:
    """Return the MRNs of those whose summaries RECORDS may change, in order."""
    found = {each["mrn"] for each in records.get(PATIENTS.name, ())}
    for collection in SUMMARISED:
        rows = records.get(collection.name, ())
        found |= {each["patient_mrn"] for each in rows}
        # A record may come to another patient than it was with: ids repeat between sets of another seed.
        found |= await store.owners(collection, [each[collection.key] for each in rows])
    if await _changed(store, records.get(PROVIDERS.name, ())):
        # Anybody may name a provider, and this happens too rarely to keep count of who does.
        found |= {each["mrn"] async for each in store.each(SUMMARIES, {}, SUMMARIES.listed)}
    return sorted(found)


async def _changed(store: Store, providers: Sequence[Row]) -> bool:
    """Return whether any of PROVIDERS is not yet there as it is."""
    for each in providers:
        there = await store.one(PROVIDERS, each["provider_id"])
        if there is None or not same(there, each):
            return True
    return False
