"""Generated records, all of a recipe at once."""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import strategies

from service_db_api.synthetic.generator import FIRST_DAY, LAST_DAY, MOST_SEED, Batch, Recipe, batches
from service_db_api.synthetic.practice import practice
from service_db_api.synthetic.record import record

if TYPE_CHECKING:
    from service_db_api.store.row import Row

AS_OF = date(2026, 1, 1)
RECIPES = strategies.builds(
    Recipe,
    patients=strategies.integers(0, 12),
    seed=strategies.integers(0, MOST_SEED),
    as_of=strategies.dates(FIRST_DAY, LAST_DAY),
)


def everything(recipe: Recipe) -> Batch:
    """Return the rows of RECIPE by collection."""
    found: Batch = {}
    for batch in batches(recipe):
        for name, rows in batch.items():
            found.setdefault(name, []).extend(rows)
    return found


def somebody(number: int, seed: int = 7, as_of: date = AS_OF) -> dict[str, list[Row]]:
    """Return the rows of one patient of the first practice."""
    return record(number, seed, as_of, practice(0, seed))


@functools.cache
def people(count: int) -> list[dict[str, list[Row]]]:
    """Return the rows of the first `count` patients, each by collection; for reading, since all tests share them."""
    return [somebody(number) for number in range(1, count + 1)]
