"""
What db-api costs beside a bare application that answers the same: `python -m tests.load.compare`.

Everything of db-api is on: log, metrics, trace ids, audit. CPU is what the server's process counts itself; the
database and the load are processes of their own. Only the ratios mean something on another machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.load import prepared
from tests.load.measure import measure, routes, same
from tests.load.process import ROOT, Unmeasurable, database, served
from tests.support.ports import reserved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.load.measure import Measured

OURS, BARE = "ours", "bare"
CACHE = ROOT / ".carepath/load"


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m tests.load.compare", description=__doc__, allow_abbrev=False)
    add = found.add_argument
    add("--rounds", type=_some, default=7, metavar="N", help="rounds that count (%(default)s)")
    add("--requests", type=_some, default=1000, metavar="N", help="requests a server, route and round (%(default)s)")
    add("--connections", type=_some, default=4, metavar="N", help="kept connections of the load (%(default)s)")
    add("--patients", type=_some, default=10_000, metavar="N", help="generated patients (%(default)s)")
    add("--against", metavar="COMMIT", help="measure this commit's db-api too, with the libraries that are installed")
    add("--cache", type=Path, default=CACHE, metavar="FOLDER", help="where loaded patients are kept")
    add("--json", action="store_true", help="print JSON, all rounds included, in place of the table")
    return found


def _some(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Measure as ARGV says; return 0 whatever was found, 1 when nothing could be measured."""
    arguments = parser().parse_args(argv)
    try:
        found = _measured(arguments)
    except Unmeasurable as reason:
        sys.stderr.write(f"Nothing was measured. {reason}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        sys.stdout.write(json.dumps(_told(found, arguments)) + "\n")
    else:
        sys.stdout.write("\n".join([*_table(found, arguments.against), "", _verdict(found)]) + "\n")
    return 0


def _measured(arguments: argparse.Namespace) -> list[Measured]:
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        logs = Path(enter(tempfile.TemporaryDirectory(prefix="carepath-logs-")))
        tree = enter(prepared.tree(arguments.against)) if arguments.against else None
        uri = enter(database(enter(prepared.data(arguments.cache, arguments.patients))))

        def ours(name: str, tree: Path) -> None:
            # Other commits may know no port 0.
            settings = {"MONGODB_URI": uri, "METRICS_PORT": str(enter(reserved()))}
            servers[name] = enter(served("service_db_api.main:app", tree, logs / f"{name}.log", settings))

        servers = {}
        ours(OURS, ROOT)
        bare = ("tests.load.bare:create", ROOT, logs / "bare.log", {"MONGODB_URI": uri}, "--factory")
        servers[BARE] = enter(served(*bare))
        if tree is not None:
            ours(arguments.against, tree)
        asked = routes(servers[OURS])
        for each in asked:
            if not same(servers[OURS], servers[BARE], each):
                message = f"The bare application answers other bytes: {each.name}. Mend tests/load/bare.py first."
                raise Unmeasurable(message)
            if tree is not None and not same(servers[OURS], servers[arguments.against], each):
                _progress(f"{arguments.against} answers other bytes: {each.name}")
        return measure(
            servers,
            asked,
            rounds=arguments.rounds,
            requests=arguments.requests,
            connections=arguments.connections,
            progress=_progress,
        )


def _progress(text: str) -> None:
    sys.stderr.write(f"{text} (load average {os.getloadavg()[0]:.1f})\n")
    sys.stderr.flush()


def _table(found: Sequence[Measured], against: str | None) -> list[str]:
    head = f"{'route':<16}{'ours µs':>9}{'bare µs':>9}{'ratio':>7}  {'of all rounds':<15}{'goal':>6}"
    lines = [head + (f"  {against[:12]:>12} µs  ours/it" if against else "")]
    for each in found:
        ratios = each.ratios(OURS, BARE)
        line = f"{each.route.name:<16}{each.median(OURS):>9.0f}{each.median(BARE):>9.0f}{_middle(ratios):>7.2f}"
        line += f"  {f'{ratios[0]:.2f} to {ratios[-1]:.2f}':<15}{each.route.goal:>6.1f}"
        if against:
            line += f"  {each.median(against):>15.0f}{_middle(each.ratios(OURS, against)):>9.2f}"
        lines.append(line)
    return lines


def _middle(ratios: list[float]) -> float:
    return round(statistics.median(ratios), 3)


def _missed(found: Sequence[Measured]) -> list[Measured]:
    return [each for each in found if _middle(each.ratios(OURS, BARE)) > each.route.goal]


def _verdict(found: Sequence[Measured]) -> str:
    missed = [
        f"{each.route.name} takes {_middle(each.ratios(OURS, BARE)):.2f} times the bare route, "
        f"{each.route.goal:.1f} is the goal"
        for each in _missed(found)
    ]
    return f"Missed: {'; '.join(missed)}." if missed else "All goals are reached."


def _told(found: Sequence[Measured], arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "rounds": arguments.rounds,
        "requests": arguments.requests,
        "connections": arguments.connections,
        "patients": arguments.patients,
        "load_average": os.getloadavg()[0],
        "reached": not _missed(found),
        "routes": [
            {
                "route": each.route.name,
                "goal": each.route.goal,
                "ratio": _middle(each.ratios(OURS, BARE)),
                "ratios": [round(ratio, 3) for ratio in each.ratios(OURS, BARE)],
                "microseconds": {name: [round(value, 1) for value in values] for name, values in each.rounds.items()},
            }
            for each in found
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
