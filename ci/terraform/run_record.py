"""Who is applying, kept beside the state: Terraform's own lock names a container."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import TypeAdapter, ValidationError

from ci import commit as git
from ci.aws import record_store as records
from ci.errors import NotReady, PipelineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ci.aws.client import Aws

RECORD = "run.json"


@dataclass(frozen=True)
class LastRun:
    """
    The run that applied last: who, from which commit, since when (UTC, RFC 3339), and whether it has ended.

    `applied` is the hash of the plan that it brought to its end, or empty.
    """

    run: str
    who: str
    commit: str
    started: str
    ended: bool = False
    applied: str = ""


def last_run(aws: Aws) -> LastRun | None:
    """Return what is kept of the run that applied last, or None; raise NotReady when it lacks what it must say."""
    record = records.get(aws, RECORD)
    try:
        return None if record is None else TypeAdapter(LastRun).validate_python(record)
    except ValidationError as error:
        names = ", ".join(sorted({str(each["loc"][0]) for each in error.errors()}))
        title = f"{RECORD} beside the state does not rightly say: {names}."
        raise NotReady(title, code=records.DAMAGED, hint="The next apply writes it anew.") from None


class Holder:
    """The name of the run RUN_ID, and of any other that has not ended."""

    def __init__(self, aws: Aws, run_id: str) -> None:
        self._aws = aws
        self._run_id = run_id

    def last(self) -> LastRun | None:
        """Return what is kept of the run that applied last; None also where that cannot be used."""
        try:
            return last_run(self._aws)
        except NotReady as error:
            # No reason to let nobody apply any more: whoever does writes it anew.
            if error.code != records.DAMAGED:
                raise
            return None

    def name(self) -> str:
        """Return who the record beside the state names, when that is another run that has not ended."""
        last = self.last()
        if last is None or last.run == self._run_id or last.ended:
            return ""
        return f"{last.who}{f' at {last.commit}' if last.commit else ''}"

    def record(self) -> dict[str, Any]:
        """Return what is kept of this run: who, from which commit, since when."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {"run": self._run_id, "who": git.who(), "commit": git.commit(), "started": now}

    @contextlib.asynccontextmanager
    async def holding(self, plan: str) -> AsyncIterator[None]:
        """Keep beside the state, until the block ends, that this run is applying; then that it applied PLAN, a hash."""
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
                    ended = {**record, "ended": True, **({"applied": plan} if applied else {})}
                    await anyio.to_thread.run_sync(records.put, self._aws, RECORD, ended)
