"""Serve the stand-ins until stdin closes: `python -m ci.rehearsal.providers`."""

from __future__ import annotations

import argparse
import json
import signal
import sys

from ci.errors import UsageError
from ci.rehearsal.providers.faults import Faults
from ci.rehearsal.providers.server import ProviderServer


def main(arguments: list[str] | None = None) -> int:
    """Print one line of JSON, provider source -> host:port, then serve until stdin closes or a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m ci.rehearsal.providers", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument(
        "--delay",
        action="append",
        default=[],
        metavar="SECONDS[:TYPE]",
        help="let each apply, or only those of TYPE, take this long; may be repeated",
    )
    parser.add_argument(
        "--fail", action="append", default=[], metavar="TYPE", help="let each apply of TYPE fail; may be repeated"
    )
    parser.add_argument(
        "--gone", action="append", default=[], metavar="TYPE", help="take each TYPE for removed by somebody else"
    )
    told = parser.parse_args(arguments)
    try:
        faults = Faults.parse(told.delay, told.fail, told.gone)
    except UsageError as error:
        parser.error(f"{error.title} {error.hint}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with ProviderServer(address=told.address, faults=faults) as server:
        print(json.dumps(server.addresses), flush=True)  # noqa: T201 - the line a caller waits for
        sys.stdin.buffer.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
