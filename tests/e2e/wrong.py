"""AWS at fault: what goes wrong with which calls, and how a deploy must end then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.crooked_aws import Fault, Reply
from tests.e2e.world import row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.crooked_aws import Request
    from tests.e2e.world import World

    Matches = Callable[[Request], bool]


def of(service: str, operation: str = "", end: str = "", *, terraform: bool | None = None) -> Matches:
    """Accept calls of SERVICE: of OPERATION alone, on what ends with END, by TERRAFORM or by the pipeline itself."""
    return lambda asked: (
        asked.service == service
        and operation in {"", asked.operation}
        and asked.path.endswith(end)
        and terraform in {None, asked.by_terraform}
    )


@dataclass(frozen=True)
class Wrong:
    """What goes wrong, and what is seen then: exit code, problem, the stage it ends in, words that are told."""

    matches: Matches
    how: Reply | str
    code: int
    problem: str
    stage: str
    words: str = "Run it again"


SETTLED = "timedatectl"
LOGIN = "aws sso login"
EXPIRED = Reply(400, "ExpiredToken")


def ends_as_foretold(world: World, name: str, wrong: Wrong) -> None:
    """Deploy a change while AWS is `wrong`: the end is the expected one, without a traceback, a lock or a release."""
    before = len(world.releases())
    world.change()
    fault = world.aws.spoil(Fault(wrong.matches, wrong.how))
    try:
        # Two attempts: an error that passes is retried, and one that stays does not wait out three more back-offs.
        ended = world.run(CAREPATH_AWS_ATTEMPTS="2")
    finally:
        world.well()

    row(name, ended, "goes on")
    assert fault.hit
    assert (ended.code, ended.problem.get("code")) == (wrong.code, wrong.problem), (ended.told, ended.lines)
    assert ended.stages[-1][0] == wrong.stage
    assert ended.problem["hint"]
    assert wrong.words in ended.told, ended.told
    assert "Traceback" not in ended.lines
    assert world.lock() is None
    assert len(world.releases()) == before
