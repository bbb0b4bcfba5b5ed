"""Put records into a store, so that it can be repeated after any fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service_db_api.store import writing
from service_db_api.store.row import row
from service_db_api.store.schema import PATIENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from service_db_api.dataset import Dataset
    from service_db_api.store.mongo import Store
    from service_db_api.synthetic.generator import Batch


async def load(store: Store, dataset: Dataset) -> dict[str, int]:
    """
    Write DATASET over what has the same natural keys and return collection -> records.

    Nothing else is touched, so a second run, or one after a fault, ends in the
    same records. Raises DatabaseUnavailable, or a bare Problem.
    """
    batch = {collection.name: [row(each) for each in records] for collection, records in dataset.by_collection()}
    return await load_batches(store, [batch], lambda _: None)


async def load_batches(store: Store, batches: Iterable[Batch], progress: Callable[[int], None]) -> dict[str, int]:
    """Do as `load` does, a batch at a time; PROGRESS is called with the number of patients so far."""
    await store.create_indexes()
    counts: dict[str, int] = {}
    for batch in batches:
        for name, written in (await writing.write(store, batch)).items():
            counts[name] = counts.get(name, 0) + written
        progress(counts[PATIENTS.name])
    return counts
