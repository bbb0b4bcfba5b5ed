"""A Terraform that remembers what it applied, in a file, so that one run finds what another left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ci.terraform.cli import IMAGES_FILE, PLAN_FILE, Completed
from tests.support.images import push
from tests.unit.ci.scripted import ScriptedEngine, ScriptedTerraform, outputs_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ci.engines.base import Registry
    from ci.services import Service


class LivingTerraform(ScriptedTerraform):
    """Its plans change a deployment when the images differ from those in the file STATE; EXTRA changes come along."""

    def __init__(self, state: Path, *extra: tuple[str, str]) -> None:
        super().__init__()
        self.state = state
        self.extra = extra

    def deployed(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.state.read_text()) if self.state.is_file() else {}
        return found

    async def run(self, arguments: list[str]) -> Completed:
        if self.answers.get(arguments[0]):
            return await super().run(arguments)
        self.asked.append(arguments)
        match arguments[0]:
            case "output":
                deployed = self.deployed()
                told = {"db_api_repo_url": "r", "chat_api_url": "http://chat", "deployed_images": deployed}
                return Completed(0, outputs_json(**told), "")
            case "plan":
                variables = json.loads(self.files[IMAGES_FILE])
                self.files[PLAN_FILE] = json.dumps({"before": self.deployed(), "after": variables}).encode()
                return Completed(2, "", "")
            case "show":
                return Completed(0, self._shown(json.loads(self.files[PLAN_FILE])), "")
            case "apply":
                after = json.loads(self.files[PLAN_FILE])["after"]
                self.state.write_text(json.dumps({name.removesuffix("_image"): value for name, value in after.items()}))
                return Completed(0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.\n", "")
        return Completed(0, "{}", "")

    def _shown(self, plan: dict[str, dict[str, str]]) -> str:
        before, after = plan["before"], {name.removesuffix("_image"): value for name, value in plan["after"].items()}
        changes = [(address, actions.split("+")) for address, actions in self.extra]
        if before != after:
            changes.append(("module.app.kubernetes_deployment_v1.this", ["update"]))
        resources = [
            {"address": address, "change": {"actions": actions, "before": before, "after": after}}
            for address, actions in changes
        ]
        return json.dumps({"resource_changes": resources})


class LivingEngine(ScriptedEngine):
    """An engine whose images differ where their inputs differ."""

    async def publish(self, service: Service, tag: str, registry: Registry, labels: Mapping[str, str]) -> str:
        await self._do("publish", service)
        return push(registry, service.repository, tag, of=f"{service.name} {tag}", labels=dict(labels))
