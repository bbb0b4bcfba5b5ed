"""What the command may be told."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service_db_api.synthetic.generator import AS_OF, MOST, SEED, Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIRM = "--yes-drop-database"
MOST_DIGITS = 20
DESCRIPTION = """\
Load synthetic patients into the database that MONGODB_URI and MONGODB_DB_NAME name: the eight fixed ones, and as many
generated ones as --patients says. The same seed and date make the same records everywhere. Records with the same key
are replaced and nothing else is touched, so it is safe to run this again.
"""
EPILOG = """\
examples:
  python -m service_db_api.seed                                     the eight fixed patients
  python -m service_db_api.seed --patients 10000 --seed 7 --as-of 2026-01-01
  python -m service_db_api.seed --patients 10000 --out ./data       files instead of a database
  python -m service_db_api.seed --patients 500 --seed 8 --drop      in place of what another seed made

exit codes:
  0 done   1 a fault on the way, safe to run again   2 wrong arguments   130, 143 stopped by a signal
"""


@dataclass(frozen=True)
class Arguments:
    """One call; `out` is the folder for files, `confirmed` the database that may be emptied wherever it is."""

    recipe: Recipe
    out: Path | None
    drop: bool
    confirmed: str | None
    json: bool


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="python -m service_db_api.seed",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = found.add_argument
    add("--patients", type=_whole, metavar="N", help=f"generate N patients beside the fixed ones, at most {MOST}")
    add("--seed", type=_whole, metavar="S", help=f"which patients to generate ({SEED})")
    add("--as-of", type=_day, metavar="DATE", help=f"the day they are generated for, YYYY-MM-DD ({AS_OF})")
    add("--out", type=Path, metavar="FOLDER", help="write JSON lines and a manifest to FOLDER and load nothing")
    add("--drop", action="store_true", help="remove every record of the database first, chat and audit logs included")
    add(CONFIRM, metavar="NAME", dest="confirmed", help="with --drop, when the database NAME is not on this machine")
    add("--json", action="store_true", help="end with one line of JSON")
    return found


def parsed(argv: Sequence[str] | None) -> Arguments:
    """Return what ARGV says, the process's own when None; ends the program with code 2 and a sentence if it cannot."""
    reader = parser()
    found = reader.parse_args(argv)
    if found.patients is None and (found.seed, found.as_of) != (None, None):
        reader.error("--seed and --as-of are about generated patients: say how many with --patients.")
    if found.out and (found.drop or found.confirmed):
        reader.error("--out touches no database, so there is nothing for --drop to remove.")
    if found.out and found.out.exists() and not found.out.is_dir():
        reader.error(f"--out {found.out} is a file: name a folder.")
    if found.confirmed and not found.drop:
        reader.error(f"{CONFIRM} confirms --drop, which is missing.")
    try:
        recipe = Recipe(
            found.patients or 0,
            SEED if found.seed is None else found.seed,
            found.as_of or AS_OF,
        )
    except ValueError as error:
        reader.error(f"{error}.")
    return Arguments(recipe, found.out, found.drop, found.confirmed, found.json)


def _whole(text: str) -> int:
    # int() would also take 1_000 and digits of other scripts.
    if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS:
        message = f"{text!r} is not a whole number"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        message = f"{text!r} is not a date like 2026-01-01"
        raise argparse.ArgumentTypeError(message)
    return found
