"""Write, as JSON, what the known questions are answered, less what differs each time; one process's view."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

import structlog

from tests.unit.service_chat.served import serve

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))
FLEETING = ("trace_id", "inference_time_ms", "conversation_id")


async def told() -> list[dict[str, Any]]:
    """Return the answer to each known question."""
    found = []
    async with serve() as served:
        for case in CASES:
            body = (await served.triage(case["mrn"], case["query"])).json()
            for name in FLEETING:
                body.pop(name, None)
            body.get("retrieval", {}).pop("latency_ms", None)
            found.append(body)
    return found


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.stdout.write(json.dumps(asyncio.run(told())))
