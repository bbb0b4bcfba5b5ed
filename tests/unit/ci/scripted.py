"""An engine and a Terraform that answer as a test tells them, and remember what they were asked."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ci.engines.base import Contents
from ci.terraform.cli import Completed
from tests.support.images import INVENTORY, push

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from ci.engines.base import Registry, Terraform
    from ci.errors import PipelineError
    from ci.services import Service


def plan_json(*changes: tuple[str, str], outputs: tuple[str, ...] = ()) -> str:
    """Return a `show -json` whose resources change as CHANGES (address, action+action) say."""
    resources = [{"address": address, "change": {"actions": actions.split("+")}} for address, actions in changes]
    changed = {f"output_{place}": {"actions": [action]} for place, action in enumerate(outputs)}
    return json.dumps({"format_version": "1.2", "resource_changes": resources, "output_changes": changed})


def outputs_json(**values: Any) -> str:
    return json.dumps({name: {"sensitive": False, "value": value} for name, value in values.items()})


class ScriptedTerraform:
    """
    Terraform that answers the command NAME with ANSWERS[NAME], and with success and no output otherwise.

    A list is a command's successive answers, its last one for good.
    """

    def __init__(self, **answers: Completed | list[Completed]) -> None:
        self.answers = {name: each if isinstance(each, list) else [each] for name, each in answers.items()}
        self.asked: list[list[str]] = []
        self.files: dict[str, bytes] = {}
        self.stops = 0

    @property
    def commands(self) -> list[str]:
        return [arguments[0] for arguments in self.asked]

    async def run(self, arguments: list[str]) -> Completed:
        self.asked.append(arguments)
        left = self.answers.get(arguments[0], [Completed(0, "{}", "")])
        return left.pop(0) if len(left) > 1 else left[0]

    async def stop(self) -> bool:
        self.stops += 1
        return True

    async def write(self, name: str, content: bytes) -> None:
        self.files[name] = content

    async def read(self, name: str) -> bytes | None:
        return self.files.get(name)


class ScriptedEngine:
    """An engine whose REFUSALS, (verb, service name) -> error, say what fails; `asked` tells what was wished."""

    name = "scripted"
    makes_images = True

    def __init__(self, tf: ScriptedTerraform | None = None, **refusals: Mapping[str, PipelineError]) -> None:
        self.tf = tf or ScriptedTerraform()
        self.refusals = refusals
        self.asked: dict[str, list[Any]] = defaultdict(list)
        self.logins: list[str] = []
        self.labels: dict[str, dict[str, str]] = {}
        self.during: Callable[[str, Service], Awaitable[None]] | None = None
        self.variables: dict[str, str] = {}
        self.secrets: dict[str, str] = {}

    async def _do(self, verb: str, service: Service) -> None:
        if self.during:
            await self.during(verb, service)
        if error := self.refusals.get(verb, {}).get(service.name):
            raise error

    async def build(self, service: Service) -> None:
        self.asked["build"].append(service.name)
        await self._do("build", service)

    async def inspect(self, session: str) -> str:
        self.asked["inspect"].append(session)
        if error := self.refusals.get("inspect", {}).get(session):
            raise error
        return "2 passed"

    async def check(self, service: Service, reference: str | None = None, registry: Registry | None = None) -> str:
        self.asked["check"].append((service.name, reference))
        self.logins.append(registry.password if registry else "")
        await self._do("check", service)
        return f"{service.name}: 1 passed"

    async def base(self) -> str:
        return f"sha256:{0:064d}"

    async def publish(self, service: Service, tag: str, registry: Registry, labels: Mapping[str, str]) -> str:
        """Push a tiny image that holds what it was asked for."""
        self.asked["publish"].append((service.name, tag, registry))
        self.labels[service.name] = dict(labels)
        await self._do("publish", service)
        return push(registry, service.repository, tag, of=service.name, labels=dict(labels))

    async def contents(self, service: Service) -> list[Contents]:
        await self._do("contents", service)
        return [Contents("linux/amd64", INVENTORY)]

    def terraform(
        self, *, variables: Mapping[str, str], secrets: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Terraform]:
        self.variables, self.secrets = dict(variables), dict(secrets)
        return self._opened()

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[Terraform]:
        yield self.tf
