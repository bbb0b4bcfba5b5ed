"""Ctrl-C, SIGTERM and SIGHUP: a running Terraform is asked to stop, everything else is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, TypeVar

import anyio

from ci.errors import Interrupted, PipelineError, TerraformFailed, leaves
from ci.process.signals import STOPPED, heard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from anyio.abc import TaskStatus

T = TypeVar("T")

HINT = "Run the same command again: it goes on from the state as it is now."


class Interrupts:
    """
    The interrupts of one run.

    The first one asks what is protected to stop, then cancels the rest; what is
    protected ends by itself, in its own time. The second one only says so again
    and what a third one does: it ends what is protected at once.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._protected: list[Callable[[], Awaitable[bool]]] = []
        self._paused: anyio.Event | None = None
        self._waiting = 0
        self._wake: Callable[[], object] | None = None
        self.received = False
        self._warned = False

    def hear(self, *_: object) -> None:
        """Take in a signal; `run` acts on it, also on one that came before it began."""
        self._waiting += 1
        if self._wake:
            self._wake()

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Raise what the block raises, as it is to be told once an interrupt was received."""
        try:
            yield
        except PipelineError as error:
            told = self._as_told(error)
            if told is error:
                raise
            raise told from None

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
            raise self._end()
        return result

    def _verdict(self, error: BaseExceptionGroup[BaseException]) -> BaseException:
        found = list(leaves(error))
        told = [self._as_told(each) for each in found if isinstance(each, PipelineError)]
        if self.received:
            # What went wrong besides matters more than the wish to stop.
            failed = [each for each in told if not isinstance(each, Interrupted)]
            return [*failed, *told, self._end()][0]
        return next((each for each in found if not isinstance(each, PipelineError)), None) or told[0]

    def _as_told(self, error: PipelineError) -> PipelineError:
        """Return ERROR; a Terraform that was asked to stop has not failed, unless it could not save its state."""
        if not self.received or not isinstance(error, TerraformFailed) or error.code == "state_not_saved":
            return error
        # An apply alone leaves something behind that has to be told.
        return self._end(error.detail if error.code == "terraform_apply_failed" else "")

    def _end(self, detail: str = "") -> Interrupted:
        """Return the error that tells of the interrupt; DETAIL is what was done by then."""
        return Interrupted(STOPPED, code="interrupted", detail=detail, hint=HINT)

    async def _stop_all(self) -> bool:
        """Ask all that is protected to stop; return whether any of it was running."""
        with anyio.CancelScope(shield=True):
            stopping = [await self._stop(stop) for stop in list(self._protected)]
        return any(stopping)

    async def _stop(self, stop: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await stop()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next Ctrl-C must still be heard
            self._tell(f"Terraform could not be asked to stop: {type(error).__name__}. It is waited for.")
            return True

    async def _watch(self, scope: anyio.CancelScope, *, task_status: TaskStatus[None]) -> None:
        woken = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(woken.set)
        try:
            with heard(self.hear):
                # What was heard until now comes first: the command then ends where it would first wait.
                await self._act(scope)
                task_status.started()
                while True:
                    await woken.wait()
                    woken.clear()
                    await self._act(scope)
        finally:
            self._wake = None

    async def _act(self, scope: anyio.CancelScope) -> None:
        while self._waiting:
            self._waiting -= 1
            if self._paused is not None:
                self._paused.set()
            elif self.received and self._protected and self._warned:
                await self._stop_all()
                self._tell("Terraform was told to end at once. Its lock may be left: `python ci/main.py unlock`.")
            elif self.received:
                self._warned = True
                self._tell(
                    "Still stopping. Terraform saves its state and releases its lock first. "
                    "Once more ends it at once, and loses both."
                )
            else:
                self.received = True
                if await self._stop_all():
                    self._tell(
                        "Stopping: Terraform was asked to end what it is doing, save its state and release its lock."
                    )
                else:
                    self._tell("Stopping.")
                scope.cancel()
