"""
What can go wrong in a run, and the exit code each kind has.

PipelineError              a failure told in a sentence, never as a traceback
├── UsageError         2   the command line is wrong
├── NotReady           3   a setting, credential or program is missing or does not fit
├── CheckFailed        4   a service's tests failed; nothing was published
├── ImageFailed        5   an image could not be built or pushed
├── TerraformFailed    6   init, plan or apply ended with an error
│   ├── StateLocked    7   another run holds the state's lock
│   └── PlanStale      8   the plan is not the one that was shown or approved
├── SmokeFailed        9   what was deployed does not answer rightly
└── Interrupted      130   stopped by Ctrl-C, SIGTERM or SIGHUP

0 is done, 1 is a bug, 10 is "changes pending" (`plan --detailed-exitcode`); of `drift`, 2 is "the cloud differs".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator

OK = 0
BUG = 1
DRIFTED = 2
CHANGES_PENDING = 10


class PipelineError(Exception):
    """
    A failure that is told to a person.

    `title` is one sentence: what happened, to what. `code` is its stable name
    for machines. `detail` holds further lines, `hint` what to do next.
    """

    exit_code: ClassVar[int] = BUG

    def __init__(self, title: str, *, code: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.code = code
        self.detail = detail
        self.hint = hint

    def as_dict(self) -> dict[str, str]:
        """Return the problem as the JSON report shows it."""
        return {"code": self.code, "title": self.title, "detail": self.detail, "hint": self.hint}


class UsageError(PipelineError):
    exit_code = 2


class NotReady(PipelineError):  # noqa: N818 - reads as the state it reports
    exit_code = 3


class CheckFailed(PipelineError):  # noqa: N818
    exit_code = 4


class ImageFailed(PipelineError):  # noqa: N818
    exit_code = 5


class TerraformFailed(PipelineError):  # noqa: N818
    exit_code = 6


class StateLocked(TerraformFailed):
    exit_code = 7


class PlanStale(TerraformFailed):
    exit_code = 8


class SmokeFailed(PipelineError):  # noqa: N818
    exit_code = 9


class Interrupted(PipelineError):  # noqa: N818
    exit_code = 130


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the exceptions inside nested groups: a task group's failure is its children's."""
    if isinstance(error, BaseExceptionGroup):
        for child in error.exceptions:
            yield from leaves(child)
    else:
        yield error


def merge(failures: list[PipelineError]) -> PipelineError:
    """Return one error that tells of all FAILURES (at least one), with the first one's exit code."""
    first = failures[0]
    if len(failures) == 1:
        return first
    details = [f"{failure.title}\n{failure.detail}".rstrip() for failure in failures[1:]]
    detail = "\n\n".join(filter(None, [first.detail, *details]))
    return type(first)(first.title, code=first.code, detail=detail, hint=first.hint)
