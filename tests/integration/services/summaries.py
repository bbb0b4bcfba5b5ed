"""
What db-api answers for each persona, as chat-api's unit tests know it.

Written by `python -m tests.integration.services.summaries`; a contract test compares the
file with the real db-api.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.services.process import ROOT, client, db_api

if TYPE_CHECKING:
    import httpx

FILE = ROOT / "tests/unit/service_chat/summaries.json"
MRNS = [f"P00010{number}" for number in range(1, 9)]


def ask(below: httpx.Client) -> dict[str, Any]:
    """Return MRN -> summary as a client of db-api is answered."""
    return {mrn: below.get(f"/patients/{mrn}/summary").raise_for_status().json() for mrn in MRNS}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, db_api(Path(folder)) as running, client(running.address) as below:
        FILE.write_text(json.dumps(ask(below), indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"{FILE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
