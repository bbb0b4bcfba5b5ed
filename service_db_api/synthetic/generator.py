"""The personas and any number of invented patients, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from service_db_api.dataset import Dataset
from service_db_api.personas import personas
from service_db_api.store.row import row
from service_db_api.store.schema import PROVIDERS
from service_db_api.synthetic.practice import PATIENTS, practice
from service_db_api.synthetic.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_db_api.store.row import Row

# Told in the manifest; a change that makes other records for the same arguments raises it.
VERSION = 2
# MRNs run from P100001, and P999999 has to stay nobody's.
MOST = 800_000
MOST_SEED = 2**63 - 1
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
SEED = 7
AS_OF = date(2026, 1, 1)
BATCH = 500

Batch = dict[str, list["Row"]]


@dataclass(frozen=True)
class Recipe:
    """
    What makes a set of records: the same recipe makes the same records.

    A patient depends on `seed` and `as_of` and not on how many `patients` there
    are, so a smaller set is the beginning of a larger one. Raises ValueError,
    with a sentence, for what cannot be made.
    """

    patients: int = 0
    seed: int = SEED
    as_of: date = AS_OF

    def __post_init__(self) -> None:
        if not 0 <= self.patients <= MOST:
            message = f"the number of patients must be from 0 to {MOST}"
            raise ValueError(message)
        if not 0 <= self.seed <= MOST_SEED:
            message = f"the seed must be a whole number from 0 to {MOST_SEED}"
            raise ValueError(message)
        if not FIRST_DAY <= self.as_of <= LAST_DAY:
            message = f"the date must be from {FIRST_DAY} to {LAST_DAY}"
            raise ValueError(message)


def batches(recipe: Recipe) -> Iterator[Batch]:
    """
    Yield the rows of RECIPE by collection: first the personas, then BATCH patients at a time.

    No batch refers to a later one, and only the batch in hand is held in memory.
    """
    yield {collection.name: [row(each) for each in records] for collection, records in personas().by_collection()}
    practices = [practice(place, recipe.seed) for place in range(-(-recipe.patients // PATIENTS))]
    for first in range(1, recipe.patients + 1, BATCH):
        batch: Batch = {each.name: [] for each, _ in Dataset().by_collection()}
        if first == 1:
            # All at once, for whoever writes has every summary to renew after a new provider. The personas brought six.
            batch[PROVIDERS.name] = [each for one in practices[1:] for each in one.providers]
        for number in range(first, min(first + BATCH, recipe.patients + 1)):
            theirs = practices[(number - 1) // PATIENTS]
            for name, rows in record(number, recipe.seed, recipe.as_of, theirs).items():
                batch[name] += rows
        yield batch
