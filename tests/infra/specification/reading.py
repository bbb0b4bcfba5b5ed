"""Reading single values out of a plan, as the specification's rows name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DB_API = "module.app.kubernetes_deployment_v1.db_api"
CHAT_API = "module.app.kubernetes_deployment_v1.chat_api"
POD = "spec.0.template.0.spec.0"
CONTAINER = f"{POD}.container.0"


def look(plan: Mapping[str, Any], address: str, path: str) -> Any:
    """
    Return what PLAN makes of PATH in the resource at ADDRESS.

    A step of PATH is a name, a position, or `key=value`, which takes from a list
    the one member whose key says so: `env.name=LLM_MODE.value`. Raises KeyError
    for what is not there, so that a row cannot pass on a slip in its path.
    """
    found: Any = {each["address"]: each["change"]["after"] for each in plan["resource_changes"]}[address]
    for step in path.split("."):
        key, selects, value = step.partition("=")
        if selects:
            chosen = [each for each in found if each[key] == value]
            if len(chosen) != 1:
                message = f"{step} in {path} of {address} is there {len(chosen)} times"
                raise KeyError(message)
            found = chosen[0]
        else:
            found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def made(plan: Mapping[str, Any], kind: str) -> list[str]:
    """Return the addresses of all that PLAN makes of the resource type KIND."""
    return [each["address"] for each in plan["resource_changes"] if each["mode"] == "managed" and each["type"] == kind]
