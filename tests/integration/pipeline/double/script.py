"""What the engine answers: rules of the test first, then what a healthy engine would say."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from graphql import GraphQLError

if TYPE_CHECKING:
    from tests.integration.pipeline.double.chain import Call

Matches: TypeAlias = Callable[["Call"], bool]

# The engine takes a death by signal for a failure whatever was expected.
ORDINARY = {*range(128), *range(192, 256)}
EXPECTED = {"SUCCESS": {0}, "FAILURE": ORDINARY - {0}, "ANY": ORDINARY}
# The engine ends its messages so, and people should not read it.
TRACE = "[traceparent:0123456789abcdef0123456789abcdef-0123456789abcdef]"
BLANK = {"String": "", "Int": 0, "Float": 0.0, "Boolean": False, "JSON": "null", "Platform": "linux/amd64"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """
    How one exec ends, or what one leaf returns.

    `exit_code`, `stdout` and `stderr` are an exec's, or those of a service that
    dies as it starts. `value` is a leaf's, or a function of its call. `error`
    is a failure without a process (no such file, push refused), `status` one of
    HTTP. Before any of it `hold` is called and `delay` seconds pass.
    """

    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""
    value: object = None
    error: str = ""
    status: int = 0
    delay: float = 0.0
    hold: Callable[[], object] | None = None

    def deliver(self) -> None:
        """Wait as long as asked to; raise the failure that is not a process's."""
        if self.hold is not None:
            self.hold()
        time.sleep(self.delay)
        if self.error or self.status:
            fault = {"status": self.status} if self.status else None
            raise GraphQLError(self.error or "transport fault", extensions=fault)

    def refusal(self, command: list[str]) -> GraphQLError:
        """Word the failure of COMMAND as the engine does."""
        process = {"cmd": command, "exitCode": self.exit_code, "stdout": self.stdout, "stderr": self.stderr}
        return GraphQLError(f"exit code: {self.exit_code} {TRACE}", extensions={"_type": "EXEC_ERROR", **process})


@dataclass
class Rule:
    when: Matches
    answer: Answer
    left: float


@dataclass
class Script:
    """The rules; the newest that matches wins, and one with `times` steps aside once it is used up."""

    rules: list[Rule] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, when: Matches, answer: Answer, *, times: float = float("inf")) -> None:
        """Answer calls that WHEN accepts with ANSWER; an exec asks once, however many leaves rest on it."""
        with self.lock:
            self.rules.insert(0, Rule(when, answer, times))

    def answer(self, call: Call) -> Answer:
        with self.lock:
            for rule in self.rules:
                if rule.left > 0 and rule.when(call):
                    rule.left -= 1
                    return rule.answer
        return Answer()


def argv(*words: str) -> Matches:
    """Accept an exec whose command has WORDS in it, one after the other."""

    def matches(call: Call) -> bool:
        command = call.argv
        return any(command[at : at + len(words)] == list(words) for at in range(len(command)))

    return matches


def leaf(name: str, **arguments: object) -> Matches:
    """Accept the field NAME with ARGUMENTS, each its own or that of the object it is asked of (a file's path)."""

    def matches(call: Call) -> bool:
        known = {**(call.parent.args if call.parent else {}), **call.args}
        return call.field == name and arguments.items() <= known.items()

    return matches


def together(parties: int, *, seconds: float = 5) -> Callable[[], object]:
    """Hold each caller until PARTIES of them are there; fail the call when they are not within SECONDS."""
    barrier = threading.Barrier(parties, timeout=seconds)

    def wait() -> None:
        try:
            barrier.wait()
        except threading.BrokenBarrierError:
            message = f"no {parties} such calls within {seconds} s: they do not overlap"
            raise GraphQLError(message) from None

    return wait


def healthy(call: Call) -> object:
    """Return what a healthy engine would for the leaf CALL; None where the type has no obvious value."""
    content = f"sha256:{call.parent.digest if call.parent else call.digest}"
    address = str(call.args.get("address") or (call.parent.args.get("address", "") if call.parent else ""))
    match call.field:
        case "publish" | "imageRef":
            return address if "@" in address else f"{address}@{content}"
        case "digest":
            return content
        case "export":
            return call.args["path"]
        case "endpoint":
            scheme = call.args.get("scheme")
            return f"{scheme}://127.0.0.1:1" if scheme else "127.0.0.1:1"
        case _:
            return BLANK.get(call.type)
