"""The double's state: what was asked, what ran, and which id stands for what."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, get_named_type, get_nullable_type, graphql_sync, is_leaf_type, is_list_type

from tests.integration.pipeline.double.chain import Call, Record, Value
from tests.integration.pipeline.double.schema import engine_schema
from tests.integration.pipeline.double.script import EXPECTED, Answer, Script, healthy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import ExecutionResult, GraphQLInputType, GraphQLResolveInfo

OF_THE_PROCESS = {"exitCode", "stdout", "stderr", "combinedOutput"}
PRIVATE = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com")
# Awaiting these gives the client the same object again, by its id.
ITSELF = {"id", "sync", "start", "stop", "step"}


@dataclass
class Session:
    """One Dagger session without an engine: it validates and records every query and runs nothing."""

    port: int = 0
    script: Script = field(default_factory=Script)
    records: list[Record] = field(default_factory=list)
    _ids: dict[str, Call] = field(default_factory=dict)
    _done: dict[str, Answer] = field(default_factory=dict)
    _turns: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _order: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def calls(self) -> list[Call]:
        """All that was recorded, leaves and execs, ids too."""
        return [record.call for record in self.records]

    @property
    def chains(self) -> list[Call]:
        """The leaves that make an engine work; an id makes it do nothing."""
        return [call for call in self.calls if call.field not in {"id", "withExec"}]

    def ask(self, query: str) -> ExecutionResult:
        """Parse, validate and answer QUERY."""
        return graphql_sync(
            engine_schema(), query, field_resolver=self.resolve, type_resolver=lambda call, *_: str(call.type)
        )

    def resolve(self, source: Call | None, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> object:
        returned = get_named_type(info.return_type)
        declared = info.parent_type.fields[info.field_name].args
        args = {name: self.expand(value, declared[name].type) for name, value in arguments.items()}
        call = Call(info.field_name, returned.name, args, source)
        known = args.get("id")
        many = is_list_type(get_nullable_type(info.return_type))
        if source is None and isinstance(known, Call):
            return known
        if source is None and call.field == "version":
            return f"v{version('dagger-io')}"
        if is_leaf_type(returned):
            with self.recorded(call):
                value = self.evaluate(call)
            # A blank of the element's type is no list.
            return value if value or not many else []
        if many:
            message = f"the double has no list of objects, so it cannot answer {info.parent_type}.{call.field}"
            raise GraphQLError(message)
        return call

    def expand(self, value: Any, declared: GraphQLInputType) -> Value:
        """Replace the ids in an argument by what they stand for."""
        if isinstance(value, list):
            return [self.expand(each, declared) for each in value]
        if not get_named_type(declared).name.endswith("ID"):
            return value  # type: ignore[no-any-return]  # coerced by the schema to a scalar or a dict of them
        if value not in self._ids:
            message = f"no object has the id {value!r}"
            raise GraphQLError(message)
        return self._ids[value]

    def evaluate(self, call: Call) -> object:
        if call.field == "id":
            return self.id_of(call.parent)
        for step in call.walk():
            refuse_stranger(step)
            if step.field == "withExec":
                self.run(step)
        if call.field == "export" and call.parent is not None:
            self.write(call.parent, Path(str(call.args["path"])))
        return self.value(call)

    def value(self, call: Call) -> object:
        answer = self.script.answer(call)
        answer.deliver()
        if answer.exit_code:
            raise answer.refusal([])
        if answer.value is not None:
            return answer.value(call) if callable(answer.value) else answer.value
        if call.field in ITSELF:
            return self.id_of(call.parent)
        if call.field in OF_THE_PROCESS:
            if call.last_exec is None:
                message = "no command has been executed"
                raise GraphQLError(message)
            done = self.run(call.last_exec)
            printed = "" if call.last_exec.redirected else done.stdout
            streams = {"exitCode": done.exit_code, "stdout": printed, "stderr": done.stderr}
            return streams.get(call.field, printed + done.stderr)
        if call.field == "contents" and call.parent and (step := call.last_exec):
            return self.run(step).stdout if step.redirected == call.parent.args["path"] else healthy(call)
        return healthy(call)

    def write(self, source: Call, path: Path) -> None:
        """Put on the host what an engine would: the file with its scripted contents, or an empty directory."""
        if source.type == "Directory":
            path.mkdir(parents=True, exist_ok=True)
        else:
            contents = self.value(Call("contents", "String", {}, source))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(contents), encoding="utf-8")

    def run(self, step: Call) -> Answer:
        """Run an exec once; like the engine, forget it when it failed against what was expected of it."""
        with self._lock:
            turn = self._turns[step.digest]
        with turn:
            if step.digest not in self._done:
                with self.recorded(step):
                    answer = self.script.answer(step)
                    answer.deliver()
                    if answer.exit_code not in EXPECTED[str(step.args.get("expect", "SUCCESS"))]:
                        raise answer.refusal(step.argv)
                self._done[step.digest] = answer
            return self._done[step.digest]

    @contextmanager
    def recorded(self, call: Call) -> Iterator[None]:
        with self._lock:
            record = Record(call, next(self._order), time.monotonic())
            self.records.append(record)
        try:
            yield
        except BaseException:
            record.failed = True
            raise
        finally:
            with self._lock:
                record.finished, record.ended = next(self._order), time.monotonic()

    def id_of(self, call: Call | None) -> str:
        if call is None:
            message = "the double gives the query itself no id"
            raise GraphQLError(message)
        with self._lock:
            name = f"{call.type}:{len(self._ids)}:{call.digest}"
            self._ids[name] = call
        return name


def refuse_stranger(call: Call) -> None:
    """Answer as ECR does when a pull or a push comes without its password."""
    if call.field in {"from", "publish"}:
        host = str(call.args["address"]).partition("/")[0]
        known = {each.args["address"] for each in call.line if each.field == "withRegistryAuth"}
        if PRIVATE.fullmatch(host) and host not in known:
            message = f"failed to resolve {call.args['address']}: unexpected status 401 Unauthorized: no basic auth"
            raise GraphQLError(message)
