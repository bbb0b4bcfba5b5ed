"""Load the synthetic patients into MONGODB_URI: `python -m service_db_api.seed`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from service_db_api.personas import personas
from service_db_api.settings import Settings
from service_db_api.store import embedded
from service_db_api.store.opening import opened
from service_db_api.store.row import row
from service_kit import environment, logs
from service_kit.environment import Misconfigured
from service_kit.problem import Problem

if TYPE_CHECKING:
    from service_db_api.dataset import Dataset
    from service_db_api.store.mongo import Store

FAILED = 1


async def load(store: Store, dataset: Dataset) -> dict[str, int]:
    """
    Write DATASET over what has the same natural keys and return collection -> records written.

    Nothing else is touched, so a second run, or one after a fault, ends in the
    same records. Raises DatabaseUnavailable, or a bare Problem.
    """
    await store.create_indexes()
    return {
        collection.name: await store.upsert(collection, [row(each) for each in records])
        for collection, records in dataset.by_collection()
    }


async def _load(settings: Settings) -> dict[str, int]:
    async with opened(settings) as store:
        return await load(store, personas())


def main() -> int:
    """Load the personas, print the counts and return the exit code."""
    settings = environment.read(Settings)
    logs.configure("db-api-seed", settings.log_level, sys.stderr.buffer)
    if settings.embedded:
        embedded.require()
        if settings.embedded_data_dir is None:
            message = (
                "MONGODB_URI=embedded keeps nothing without EMBEDDED_DATA_DIR: "
                "set it, or just start the service, which seeds itself."
            )
            raise Misconfigured(message)
    try:
        counts = asyncio.run(_load(settings))
    except Problem as problem:
        sys.stderr.write(f"Not all was loaded: {problem.detail} It is safe to run this again.\n")
        return FAILED
    sys.stdout.writelines(f"{name}: {count}\n" for name, count in counts.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
