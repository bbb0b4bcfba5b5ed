"""Ctrl-C and SIGTERM: a running Terraform is asked to stop, everything else is cancelled."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, TypeVar

import anyio

from ci.errors import Interrupted, PipelineError, leaves

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from anyio.abc import TaskStatus

T = TypeVar("T")

HINT = "Run the same command again: it goes on from the state as it is now."


class Interrupts:
    """
    The interrupts of one run.

    The first one asks what is protected to stop, then cancels the rest; what is
    protected ends by itself, in its own time. A later one only says so again.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._protected: list[Callable[[], Awaitable[bool]]] = []
        self._paused: anyio.Event | None = None
        self.received = False

    @contextlib.contextmanager
    def protect(self, stop: Callable[[], Awaitable[bool]]) -> Iterator[None]:
        """Have STOP called at the first interrupt inside the block; it returns whether anything was running."""
        self._protected.append(stop)
        try:
            yield
        finally:
            self._protected.remove(stop)

    async def pause(self) -> None:
        """Wait for an interrupt, which here is a wish and no fault."""
        self._paused = anyio.Event()
        await self._paused.wait()

    async def run(self, command: Callable[[], Awaitable[T]]) -> T:
        """Return what COMMAND returns; raise Interrupted when an interrupt ended it, else what it raised."""
        try:
            async with anyio.create_task_group() as group:
                with anyio.CancelScope() as scope:
                    await group.start(self._watch, scope)
                    result = await command()
                group.cancel_scope.cancel()
        except BaseExceptionGroup as error:
            raise self._verdict(error) from None
        if self.received:
            raise self.end()
        return result

    def _verdict(self, error: BaseExceptionGroup[BaseException]) -> BaseException:
        found = list(leaves(error))
        if self.received:
            # Terraform's own failure to save the state matters more than the wish to stop.
            return next((each for each in found if isinstance(each, PipelineError)), None) or self.end()
        told = [each for each in found if isinstance(each, PipelineError)]
        return next((each for each in found if not isinstance(each, PipelineError)), None) or told[0]

    def end(self, detail: str = "") -> Interrupted:
        """Return the error that tells of the interrupt; DETAIL is what was done by then."""
        return Interrupted("Stopped before the end, as asked.", code="interrupted", detail=detail, hint=HINT)

    async def _stop(self, stop: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await stop()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next Ctrl-C must still be heard
            self._tell(f"Terraform could not be asked to stop: {type(error).__name__}. It is waited for.")
            return True

    async def _watch(self, scope: anyio.CancelScope, *, task_status: TaskStatus[None]) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            task_status.started()
            async for _ in signals:
                if self._paused is not None:
                    self._paused.set()
                    continue
                if self.received:
                    self._tell(
                        "Still stopping. Terraform saves its state and releases its lock first; killing it loses both."
                    )
                    continue
                self.received = True
                with anyio.CancelScope(shield=True):
                    stopping = [await self._stop(stop) for stop in list(self._protected)]
                if any(stopping):
                    self._tell(
                        "Stopping: Terraform was asked to end what it is doing, save its state and release its lock."
                    )
                else:
                    self._tell("Stopping.")
                scope.cancel()
