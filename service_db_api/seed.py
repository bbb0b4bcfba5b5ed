"""Load synthetic patients: `python -m service_db_api.seed`, and `--help` says what else it does."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import orjson

from service_db_api.loading.arguments import CONFIRM, parsed
from service_db_api.loading.load import load, load_batches
from service_db_api.loading.local import local
from service_db_api.loading.progress import Progress
from service_db_api.personas import personas
from service_db_api.settings import Settings
from service_db_api.store import embedded
from service_db_api.store.opening import opened
from service_db_api.synthetic.export import export
from service_db_api.synthetic.generator import batches
from service_kit import environment, logs
from service_kit.environment import Misconfigured
from service_kit.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from service_db_api.loading.arguments import Arguments

__all__ = ["load", "main"]

FAILED, WRONG, INTERRUPTED, TERMINATED = 1, 2, 130, 143


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end, by SIGTERM."""


class Refused(Exception):  # noqa: N818 - a decision, not a fault
    """What was asked for is not done; the text says what to do instead."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what ARGV says, the process's own arguments when None, and return the exit code."""
    arguments = parsed(argv)
    total = len(personas().patients) + arguments.recipe.patients
    progress = Progress(sys.stderr, "Written" if arguments.out else "Loaded", total)
    try:
        counts = _write(arguments, progress) if arguments.out else _load(arguments, progress)
    except Problem as problem:
        return _ended(progress, FAILED, f"Not all was loaded: {problem.detail} It is safe to run this again.")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _ended(progress, FAILED, f"Not all was written: {reason}. It is safe to run this again.")
    except Refused as refused:
        return _ended(progress, WRONG, str(refused))
    except KeyboardInterrupt as stop:
        code = TERMINATED if isinstance(stop, Terminated) else INTERRUPTED
        return _ended(progress, code, "Stopped before the end; what is there is whole. It is safe to run this again.")
    progress.close()
    sys.stdout.writelines(f"{name}: {count}\n" for name, count in counts.items())
    if arguments.json:
        sys.stdout.write(f"{_told(arguments, counts)}\n")
    return 0


def _write(arguments: Arguments, progress: Progress) -> dict[str, int]:
    if arguments.out is None:
        raise TypeError(arguments)
    return export(arguments.recipe, arguments.out, progress)


def _load(arguments: Arguments, progress: Progress) -> dict[str, int]:
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
    if arguments.drop:
        _may_drop(settings, arguments.confirmed)
    return asyncio.run(_fill(settings, arguments, progress))


def _may_drop(settings: Settings, confirmed: str | None) -> None:
    """Raise Refused unless the database is on this machine, or its name was CONFIRMED."""
    here = settings.embedded or local(settings.mongodb_uri.get_secret_value())
    name = settings.mongodb_db_name
    if confirmed is not None and confirmed != name:
        message = f"{CONFIRM} names another database than MONGODB_DB_NAME does, so nothing was removed."
        raise Refused(message)
    if not here and confirmed is None:
        message = (
            "--drop would remove all records of a database that is not on this machine, chat and audit logs included. "
            f"If that is what you want, add: {CONFIRM} {name}"
        )
        raise Refused(message)


async def _fill(settings: Settings, arguments: Arguments, progress: Progress) -> dict[str, int]:
    async with opened(settings, for_work=True) as store:
        if arguments.drop:
            await store.drop()
        return await load_batches(store, batches(arguments.recipe), progress)


def _told(arguments: Arguments, counts: dict[str, int]) -> str:
    recipe = arguments.recipe
    told = {
        "counts": counts,
        "generated": recipe.patients,
        "seed": recipe.seed,
        "as_of": recipe.as_of.isoformat(),
        "out": str(arguments.out) if arguments.out else None,
        "dropped": arguments.drop,
    }
    return orjson.dumps(told).decode()


def _ended(progress: Progress, code: int, sentence: str) -> int:
    progress.close()
    sys.stderr.write(f"{sentence}\n")
    return code


def _terminate(_: int, __: FrameType | None) -> None:
    raise Terminated


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(main())
