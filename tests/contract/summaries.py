"""
What db-api answers for each persona, as chat-api's unit tests know it.

Written anew by `python -m tests.contract.summaries`; a contract test compares
the file with the real db-api.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from tests.contract.process import ROOT, db_api

FILE = ROOT / "tests/unit/service_chat/summaries.json"
MRNS = [f"P00010{number}" for number in range(1, 9)]


def ask(address: str) -> dict[str, Any]:
    """Return MRN -> summary as the db-api at ADDRESS answers."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        return {mrn: client.get(f"/patients/{mrn}/summary").raise_for_status().json() for mrn in MRNS}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, db_api(Path(folder)) as running:
        FILE.write_text(json.dumps(ask(running.address), indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"{FILE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
