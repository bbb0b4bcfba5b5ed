"""The lines of a run while it goes."""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import anyio
from rich.console import Console
from rich.markup import escape

from ci.errors import Interrupted, leaves
from ci.process.streams import lasting
from ci.report import console as screen
from ci.report.model import MARKS, Report, Stage
from ci.report.tracing import Trace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Seconds: whoever reads nothing for longer takes a run for stuck.
HEARTBEAT = 30.0


class Progress:
    """
    The lines of a run while it goes: one when a stage starts, one when it ends.

    Goes to stderr, so that stdout holds results only. Colours and width follow
    the terminal; NO_COLOR, FORCE_COLOR and a log that is no terminal are obeyed.
    Each line also goes into LOG, plain and with its time; each stage is a span
    of TRACE.
    """

    def __init__(
        self, report: Report, *, quiet: bool = False, log: TextIO | None = None, trace: Trace | None = None
    ) -> None:
        self.report = report
        self._log = Console(file=log, width=200, emoji=False, highlight=False, force_terminal=False) if log else None
        self._trace = trace or Trace()
        self.console = Console(file=lasting(sys.stderr), quiet=quiet, emoji=False, highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        self._print(escape(line))

    def _print(self, markup: str) -> None:
        self.console.print(markup)
        if self._log:
            self._log.print(f"{datetime.now(UTC):%H:%M:%S} {markup}", soft_wrap=True)

    def close(self) -> None:
        """Put the report into the log, as its last lines."""
        if self._log:
            screen.show(self.report, self._log)

    @contextlib.asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[Stage]:
        """Time the block as the stage NAME; a line every half minute says that it goes on."""
        stage = Stage(name)
        self.report.stages.append(stage)
        self._print(f"[bold]▶ {name}[/]")
        started = time.monotonic()
        spans = contextlib.ExitStack()
        span = spans.enter_context(self._trace.span(name))
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heartbeat, name, started)
                yield stage
                group.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            stage.status = "interrupted"
            raise
        except BaseException as error:
            interrupted = any(isinstance(each, Interrupted) for each in leaves(error))
            stage.status = "interrupted" if interrupted else "failed"
            if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
                raise error.exceptions[0] from None
            raise
        finally:
            stage.seconds = time.monotonic() - started
            self._trace.end(span, stage.status)
            spans.close()
            mark, colour = MARKS[stage.status]
            self._print(f"[{colour}]{mark} {name}[/] {stage.seconds:.1f} s  {escape(stage.result)}")

    async def _heartbeat(self, name: str, started: float) -> None:
        while True:
            await anyio.sleep(HEARTBEAT)
            self._print(f"[dim]… {name} goes on, {time.monotonic() - started:.0f} s[/]")
