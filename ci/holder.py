"""Who is applying, kept beside the state: Terraform's own lock names a container."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio

from ci import commit as git
from ci import records
from ci.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ci.aws import Aws

RECORD = "run.json"


class Holder:
    """The name of the run RUN_ID, and of any other that has not ended."""

    def __init__(self, aws: Aws, run_id: str) -> None:
        self._aws = aws
        self._run_id = run_id

    def name(self) -> str:
        """Return who the record beside the state names, when that is another run that has not ended."""
        record = records.get(self._aws, RECORD)
        if record is None or record["run"] == self._run_id or record.get("ended"):
            return ""
        commit = f" at {record['commit']}" if record["commit"] else ""
        return f"{record['who']}{commit}"

    def record(self) -> dict[str, Any]:
        """Return what is kept of this run: who, from which commit, since when."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"run": self._run_id, "who": git.who(), "commit": git.commit(), "started": now}

    @contextlib.asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Keep beside the state, until the block ends, that this run is applying."""
        record = await anyio.to_thread.run_sync(self.record)
        # Another run that has not ended may hold the lock, and then the name there is the right one.
        if not await anyio.to_thread.run_sync(self.name):
            await anyio.to_thread.run_sync(records.put, self._aws, RECORD, record)
        applied = False
        try:
            yield
            applied = True
        finally:
            with anyio.CancelScope(shield=True), contextlib.suppress(PipelineError):
                # Who has applied had the lock, so another that is named there died; who failed may never have had it.
                if applied or not await anyio.to_thread.run_sync(self.name):
                    await anyio.to_thread.run_sync(records.put, self._aws, RECORD, {**record, "ended": True})
