"""Ctrl-C, SIGTERM and SIGHUP, by real signals to this very process."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from ci.errors import CheckFailed, Interrupted, TerraformFailed
from ci.process.interrupts import Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

pytestmark = pytest.mark.anyio


class Told:
    """What was said, and a way to wait until so many lines were."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._said = anyio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self._said.set()
        self._said = anyio.Event()

    async def count(self, number: int) -> None:
        while len(self.lines) < number:
            await self._said.wait()


class Apply:
    """A Terraform that ends when it is asked to, in its own time, and then by ERROR if there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.stops = 0
        self.asked = anyio.Event()
        self.may_end = anyio.Event()
        self.ended = False

    async def stop(self) -> bool:
        self.stops += 1
        self.asked.set()
        return True

    async def run(self) -> None:
        with anyio.CancelScope(shield=True):
            await self.may_end.wait()
        self.ended = True
        if self.error:
            raise self.error


def kill(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_interrupt_cancels_what_runs(number: int) -> None:
    """A build or a check ends at once, cleans up, and the run says that it was stopped."""
    told = Told()
    cleaned = []

    async def command() -> None:
        kill(number)
        try:
            await anyio.sleep_forever()
        finally:
            cleaned.append(True)

    with pytest.raises(Interrupted) as caught, anyio.fail_after(5):
        await Interrupts(told).run(command)

    assert (caught.value.exit_code, caught.value.code) == (130, "interrupted")
    assert caught.value.hint
    assert cleaned
    assert len(told.lines) == 1


async def test_interrupt_before_the_run_is_not_lost() -> None:
    """One that came while settings were read ends the command where it first waits."""
    told = Told()
    interrupts = Interrupts(told)
    interrupts.hear()

    with pytest.raises(Interrupted), anyio.fail_after(5):
        await interrupts.run(anyio.sleep_forever)

    assert len(told.lines) == 1


async def test_interrupt_after_the_run_changes_nothing() -> None:
    """What has ended well stays so, and the signals are again what they were."""
    interrupts = Interrupts(Told())
    before = signal.getsignal(signal.SIGINT)

    await interrupts.run(anyio.lowlevel.checkpoint)
    interrupts.hear()

    assert not interrupts.received
    assert signal.getsignal(signal.SIGINT) is before


async def interrupted(
    interrupts: Interrupts, apply: Apply, *, meanwhile: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Interrupt a command in the middle of APPLY, while MEANWHILE goes on beside it; it must end as interrupted."""

    async def command() -> None:
        with interrupts.protect(apply.stop):
            kill()
            await apply.run()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(meanwhile)
            with pytest.raises(Interrupted):
                await interrupts.run(command)


async def test_running_terraform_is_asked_once_and_waited_for() -> None:
    """The first interrupt asks it to stop; a second, of whichever kind, only says so again and what a third does."""
    told, apply = Told(), Apply()

    async def impatient() -> None:
        await apply.asked.wait()
        await told.count(1)
        kill(signal.SIGTERM)
        await told.count(2)
        assert not apply.ended
        apply.may_end.set()

    await interrupted(Interrupts(told), apply, meanwhile=impatient)

    assert apply.stops == 1
    assert apply.ended
    assert "Once more" in told.lines[1]


async def test_third_interrupt_ends_what_does_not_end() -> None:
    """Terraform waits for ever on a server that never answers; whoever was told what is lost may give it up."""
    told, apply = Told(), Apply()

    async def insistent() -> None:
        await apply.asked.wait()
        for number in (1, 2):
            await told.count(number)
            kill()
        await told.count(3)
        apply.may_end.set()

    await interrupted(Interrupts(told), apply, meanwhile=insistent)

    assert apply.stops == 2
    assert "unlock" in told.lines[2]


async def test_what_is_protected_no_more_is_not_asked() -> None:
    """Once Terraform has ended, an interrupt in the smoke test is an ordinary one."""
    told, apply = Told(), Apply()
    interrupts = Interrupts(told)

    async def command() -> None:
        with interrupts.protect(apply.stop):
            pass
        kill()
        await anyio.sleep_forever()

    with pytest.raises(Interrupted), anyio.fail_after(5):
        await interrupts.run(command)

    assert apply.stops == 0


async def test_a_failure_while_stopping_is_told() -> None:
    """A state that could not be saved is not hidden behind `stopped as asked`: somebody has to push it."""
    problem = TerraformFailed("Apply failed.", code="state_not_saved", detail="no S3", hint="terraform state push x")
    apply = Apply(problem)
    interrupts = Interrupts(Told())
    apply.may_end.set()

    async def command() -> None:
        with interrupts.protect(apply.stop):
            kill()
            await apply.asked.wait()
            await apply.run()

    with pytest.raises((Interrupted, TerraformFailed)) as caught, anyio.fail_after(5):
        await interrupts.run(command)

    assert "terraform state push x" in str(caught.value.as_dict())


async def test_interrupts_are_caught_although_stopping_failed() -> None:
    """When the request to stop is lost, the next Ctrl-C still does not kill Terraform."""
    told, apply = Told(), Apply()
    interrupts = Interrupts(told)
    handlers = []

    async def stop() -> bool:
        raise ConnectionError

    async def command() -> None:
        with interrupts.protect(stop):
            kill()
            with anyio.CancelScope(shield=True), anyio.move_on_after(0.2):
                await told.count(1)
                apply.may_end.set()
            handlers.append(signal.getsignal(signal.SIGINT))

    with pytest.raises(Interrupted), anyio.fail_after(5):
        await interrupts.run(command)

    assert handlers[0] not in (signal.SIG_DFL, signal.default_int_handler)


async def test_pause_ends_with_an_interrupt_and_is_no_fault() -> None:
    """Services that were kept up are given back by Ctrl-C, and the run has succeeded."""
    told = Told()
    interrupts = Interrupts(told)

    async def command() -> str:
        async with anyio.create_task_group() as group:
            group.start_soon(interrupts.pause)
            await anyio.wait_all_tasks_blocked()
            kill()
        return "done"

    with anyio.fail_after(5):
        assert await interrupts.run(command) == "done"

    assert not interrupts.received
    assert not told.lines


async def test_without_an_interrupt_the_command_is_as_it_was() -> None:
    """What it returns comes back, and its error comes out of no group."""

    async def well() -> int:
        return 7

    async def badly() -> None:
        async with anyio.create_task_group():
            title = "db-api failed."
            raise CheckFailed(title, code="tests_failed")

    assert await Interrupts(Told()).run(well) == 7
    with pytest.raises(CheckFailed):
        await Interrupts(Told()).run(badly)


async def test_bug_is_not_hidden_by_a_told_failure() -> None:
    """When both happen at once, the bug is what is reported."""

    async def command() -> None:
        told = CheckFailed("db-api failed.", code="tests_failed")
        message = "both"
        raise BaseExceptionGroup(message, [told, ZeroDivisionError()])

    with pytest.raises(ZeroDivisionError):
        await Interrupts(Told()).run(command)
