"""What a plan would do, read from Terraform's JSON: addresses, actions and reasons, never a value."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator

Action = Literal["create", "update", "replace", "delete", "other"]
ACTIONS: tuple[Action, ...] = get_args(Action)
# What goes with the thing itself, so that a reviewer must see it.
LOUD: tuple[Action, ...] = ("replace", "delete", "other")
SENSITIVE = "(sensitive)"

# What holds something that Terraform cannot make again: records, images, keys of what is encrypted, logs.
STATEFUL = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_dynamodb_table",
        "aws_ecr_repository",
        "aws_eks_cluster",
        "aws_kms_key",
        "aws_s3_bucket",
        "mongodbatlas_advanced_cluster",
        "mongodbatlas_project",
    }
)


@dataclass(frozen=True)
class Change:
    """One resource that a plan would touch; `reason` is Terraform's word for why, such as `replace_because_tainted`."""

    address: str
    action: Action
    reason: str = ""

    @property
    def module(self) -> str:
        """The outermost module, such as `module.app`, or `root`."""
        match = re.match(r"module\.[^.\[]+", self.address)
        return match[0] if match else "root"

    @property
    def type(self) -> str:
        """The resource type, such as `aws_eks_cluster`."""
        match = re.search(r"(?:^|\.)([a-z0-9_]+)\.[^.]+$", re.sub(r'\["(?:[^"\\]|\\.)*"\]|\[\d+\]', "", self.address))
        return match[1] if match else ""

    @property
    def loses(self) -> bool:
        """Whether what it holds would be gone."""
        return self.action in LOUD and self.type in STATEFUL


@dataclass(frozen=True)
class PlanSummary:
    """
    What a plan would do.

    `drifted` is what was changed outside Terraform; `digest` stands for all
    that the plan would change, values included, and reveals none of it.
    """

    changes: tuple[Change, ...]
    outputs_change: bool
    drifted: tuple[Change, ...] = ()
    digest: str = ""

    @property
    def empty(self) -> bool:
        return not self.changes and not self.outputs_change

    def then(self, later: PlanSummary) -> PlanSummary:
        """Return what this plan and the LATER one do together; what is approved is the later one."""
        return PlanSummary(
            self.changes + later.changes,
            self.outputs_change or later.outputs_change,
            later.drifted,
            later.digest,
        )

    def counts(self) -> dict[str, int]:
        """Return action -> number of resources, every action named."""
        found = Counter(change.action for change in self.changes)
        return {action: found[action] for action in ACTIONS}

    def by_module(self) -> dict[str, dict[str, int]]:
        """Return module -> action -> number, sorted by module."""
        modules: dict[str, Counter[str]] = {}
        for change in self.changes:
            modules.setdefault(change.module, Counter())[change.action] += 1
        return {module: dict(counter) for module, counter in sorted(modules.items())}

    def loud(self) -> list[Change]:
        """Return the changes that replace, delete or do what is not known here."""
        return [change for change in self.changes if change.action in LOUD]

    def losses(self) -> list[str]:
        """Return the addresses of what holds something and would be gone."""
        return sorted(change.address for change in self.changes if change.loses)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as the JSON report shows it."""
        return {
            **self.counts(),
            "by_module": self.by_module(),
            "changes": [_shown(each) for each in self.changes],
            "drifted": [_shown(each) for each in self.drifted],
            "hash": self.digest,
        }


def _shown(change: Change) -> dict[str, str]:
    return {"address": change.address, "action": change.action, "reason": change.reason}


def summarise(document: str) -> PlanSummary:
    """Return what the plan in DOCUMENT, the text of `show -json`, would do."""
    plan: dict[str, Any] = json.loads(document)
    outputs = plan.get("output_changes", {}).values()
    return PlanSummary(
        changes=tuple(_changes(plan.get("resource_changes", ()))),
        outputs_change=any(each["actions"] != ["no-op"] for each in outputs),
        drifted=tuple(_changes(plan.get("resource_drift", ()))),
        digest=_digest(plan),
    )


def _changes(resources: Any) -> Iterator[Change]:
    for resource in resources:
        action = _action(resource["change"]["actions"])
        if action is not None:
            yield Change(resource["address"], action, resource.get("action_reason", ""))


def _action(actions: list[str]) -> Action | None:
    match sorted(actions):
        case ["no-op"] | ["read"]:
            return None
        case ["create"]:
            return "create"
        case ["update"]:
            return "update"
        case ["delete"]:
            return "delete"
        case ["create", "delete"]:
            return "replace"
        case _:
            # "forget" and what later versions add must not vanish from a summary.
            return "other"


def _digest(plan: dict[str, Any]) -> str:
    """Return the hash of what PLAN would change, without its time, its secrets and what it leaves alone."""
    resources = [
        {
            "address": each["address"],
            **{name: each[name] for name in ("previous_address", "action_reason", "deposed") if name in each},
            "change": _plain(each["change"]),
        }
        for each in plan.get("resource_changes", ())
        if _action(each["change"]["actions"]) is not None
    ]
    outputs = {
        name: _plain(each) for name, each in plan.get("output_changes", {}).items() if each["actions"] != ["no-op"]
    }
    content = {"resources": sorted(resources, key=lambda each: json.dumps(each, sort_keys=True)), "outputs": outputs}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _plain(change: dict[str, Any]) -> dict[str, Any]:
    """Return CHANGE without its secrets: a hash that is shown must not let anybody try values against it."""
    hidden = {
        "before": mask(change.get("before"), change.get("before_sensitive", False)),
        "after": mask(change.get("after"), change.get("after_sensitive", False)),
    }
    marks = ("before_sensitive", "after_sensitive")
    return {**{name: value for name, value in change.items() if name not in marks}, **hidden}


def mask(value: Any, sensitive: Any) -> Any:
    """Return VALUE with SENSITIVE in the place of whatever the structure SENSITIVE, Terraform's, marks with true."""
    if sensitive is True:
        return SENSITIVE
    if isinstance(value, dict) and isinstance(sensitive, dict):
        return {name: mask(each, sensitive.get(name, False)) for name, each in value.items()}
    if isinstance(value, list) and isinstance(sensitive, list):
        marks = [*sensitive, *[False] * len(value)]
        return [mask(each, mark) for each, mark in zip(value, marks, strict=False)]
    return value
