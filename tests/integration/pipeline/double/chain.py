"""What was asked of the engine, as a tree that reads like the pipeline that asked."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Iterator

Value: TypeAlias = Union[str, float, bool, "Call", list["Value"], Mapping[str, "Value"], None]


@dataclass(frozen=True, eq=False)
class Call:
    """
    One call: FIELD, asked of what PARENT returned, returns TYPE.

    Ids in the arguments have become the calls they stand for. Arguments left at
    their default are absent, as the client never sends them.
    """

    field: str
    type: str
    args: Mapping[str, Value]
    parent: Call | None = None

    @cached_property
    def digest(self) -> str:
        """Name this chain by its content but for the plaintext of secrets, which the engine's cache ignores too."""
        shown = {name: value for name, value in self.args.items() if not self.hides(name)}
        content = [self.field, self.type, shown, self.parent]
        return hashlib.sha256(
            json.dumps(content, sort_keys=True, default=lambda call: [call.digest]).encode()
        ).hexdigest()

    @cached_property
    def line(self) -> tuple[Call, ...]:
        """The calls from the root to this one, without what they were given."""
        return (*(self.parent.line if self.parent else ()), self)

    @property
    def argv(self) -> list[str]:
        """The command of a `withExec`, empty for any other call."""
        return [str(word) for word in parts(self.args["args"])] if self.field == "withExec" else []

    @property
    def redirected(self) -> str:
        """The file into which the command of a `withExec` sends what it prints, by `exec >FILE`; empty for most."""
        return next(
            (line.removeprefix("exec >") for line in "\n".join(self.argv).splitlines() if line.startswith("exec >")), ""
        )

    @property
    def last_exec(self) -> Call | None:
        return next((call for call in reversed(self.line) if call.field == "withExec"), None)

    def hides(self, argument: str) -> bool:
        return (self.field, argument) == ("setSecret", "plaintext")

    def walk(self, seen: set[str] | None = None) -> Iterator[Call]:
        """Yield every call this one rests on and then itself, each once and after all it needs."""
        seen = set() if seen is None else seen
        for call in self.line:
            if call.digest not in seen:
                seen.add(call.digest)
                for given in parts(call.args):
                    if isinstance(given, Call):
                        yield from given.walk(seen)
                yield call

    def __str__(self) -> str:
        given = ", ".join(f"{name}={'***' if self.hides(name) else text(each)}" for name, each in self.args.items())
        return f"{f'{self.parent}.' if self.parent else ''}{self.field}({given})"


@dataclass
class Record:
    """One leaf that was asked for, or one exec that ran: its place in the session's count, and seconds of a clock."""

    call: Call
    started: int
    began: float
    finished: int = sys.maxsize
    ended: float = float("inf")
    failed: bool = False

    def overlaps(self, other: Record) -> bool:
        return self.started < other.finished and other.started < self.finished


def parts(value: Value) -> Iterator[Value]:
    """Yield what an argument is made of: calls and scalars."""
    if isinstance(value, Mapping):
        yield from parts(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from parts(each)
    else:
        yield value


def text(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(text(each) for each in value)}]"
    return str(value) if isinstance(value, Call) else json.dumps(value)
