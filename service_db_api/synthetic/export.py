"""Write generated records to a folder: a file of JSON lines for each collection, and a manifest."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, BinaryIO

from service_db_api.store.row import body, priced
from service_db_api.store.schema import COLLECTIONS
from service_db_api.synthetic.generator import batches
from service_db_api.synthetic.manifest import NAME, File, manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from service_db_api.store.row import Row
    from service_db_api.store.schema import Collection
    from service_db_api.synthetic.generator import Recipe

# In bytes.
BUFFER = 1 << 20


class Writer:
    """One file in the making; it takes its name when it is whole."""

    def __init__(self, collection: Collection, path: Path, stream: BinaryIO) -> None:
        self._collection = collection
        self._path = path
        self._stream = stream
        self._digest = hashlib.sha256()
        self._records = self._size = 0

    def write(self, rows: Sequence[Row]) -> None:
        """Write ROWS, a line each, as the service answers them, behind the `_id` that the store gives them."""
        known = self._collection
        shown = [{"_id": known.identity(each[known.key]), **each} for each in rows]
        priced(self._collection, shown)
        for each in shown:
            line = body(each) + b"\n"
            self._stream.write(line)
            self._digest.update(line)
            self._size += len(line)
        self._records += len(rows)

    def finish(self) -> File:
        """Give the file its name and return what it holds."""
        self._stream.close()
        part(self._path).replace(self._path)
        return File(self._path.name, self._records, self._size, self._digest.hexdigest())


def export(recipe: Recipe, folder: Path, progress: Callable[[int], None]) -> dict[str, int]:
    """
    Write the records of RECIPE to FOLDER, made when missing, and return collection -> records.

    PROGRESS is called with the number of patients so far. Files of an earlier
    export are replaced when all is written, the manifest last; a fault before
    leaves them as they were. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {each: folder / f"{each.name}.jsonl" for each in COLLECTIONS}
    done = 0
    with contextlib.ExitStack() as stack:
        for path in (*paths.values(), folder / NAME):
            stack.callback(part(path).unlink, missing_ok=True)
        writers = {
            each.name: Writer(each, path, stack.enter_context(part(path).open("wb", buffering=BUFFER)))
            for each, path in paths.items()
        }
        for batch in batches(recipe):
            for name, rows in batch.items():
                writers[name].write(rows)
            done += len(batch["patients"])
            progress(done)
        # A manifest of what is being replaced would be a false one.
        (folder / NAME).unlink(missing_ok=True)
        files = [each.finish() for each in writers.values()]
        part(folder / NAME).write_bytes(manifest(recipe, files))
        part(folder / NAME).replace(folder / NAME)
    return {each.name.removesuffix(".jsonl"): each.records for each in files}


def part(path: Path) -> Path:
    """Return where PATH is written until it is whole."""
    return path.with_name(f"{path.name}.part")
