"""Create the indexes that the queries need: `python -m service_db_api.indexes`. One that exists stays as it is."""

from __future__ import annotations

import asyncio
import sys

from service_db_api.settings import Settings
from service_db_api.store import embedded
from service_db_api.store.opening import opened
from service_kit import environment, logs
from service_kit.problem import Problem

FAILED = 1


async def _create(settings: Settings) -> dict[str, int]:
    async with opened(settings, for_work=True) as store:
        return await store.create_indexes()


def main() -> int:
    """Create them in the database that MONGODB_URI names, and return the exit code."""
    settings = environment.read(Settings)
    logs.configure("db-api-indexes", settings.log_level, sys.stderr.buffer)
    if settings.embedded:
        embedded.require()
    try:
        found = asyncio.run(_create(settings))
    except Problem as problem:
        sys.stderr.write(f"Not all indexes were created: {problem.detail} It is safe to run this again.\n")
        return FAILED
    sys.stdout.writelines(f"{name}: {number} indexes\n" for name, number in found.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
