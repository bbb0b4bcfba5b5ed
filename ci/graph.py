"""What a deploy of this checkout would run, and in which order: drawn without running any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ci.stages.build import name as candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci.services import Service
    from ci.settings import Settings

Format = Literal["tree", "mermaid"]


@dataclass(frozen=True)
class Step:
    """One step: the stage it belongs to, what it works on, what it does, and the steps that it waits for."""

    stage: str
    subject: str
    does: str
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.stage} {self.subject}".strip()


def steps(settings: Settings, services: Sequence[Service], *, alone: bool) -> list[Step]:
    """Return the steps of a deploy of SERVICES; ALONE: without what lies below them."""
    target = "module.app alone" if alone else "everything"
    found = [
        Step("bootstrap", "", "make the state's bucket and lock table where they are missing"),
        Step("init", "", f"terraform init in envs/{settings.environment}", ("bootstrap",)),
    ]
    for each in services:
        named = candidate(settings, each)
        name = each.name
        found += [
            Step("build", name, f"unless ECR has {named.image_tag}", ("init",)),
            Step("check", name, f"run its tests in its image, unless ECR has {named.check_tag}", (f"build {name}",)),
        ]
    # Nothing is pushed before all passed.
    checked = tuple(f"check {each.name}" for each in services)
    found += [Step("publish", each.name, f"push {each.repository}", checked) for each in services]
    published = tuple(f"publish {each.name}" for each in services)
    found += [
        Step("plan", "", f"terraform plan of {target}, images by digest", published),
        Step("verify", "", "see that both images have their SBOM and a provenance that fits", ("plan",)),
        Step("apply", "", "terraform apply of that plan, unless it changes nothing", ("verify",)),
    ]
    if alone:
        found.append(Step("rest", "", "say what a deploy of everything would still change", ("apply",)))
    last = found[-1].name
    return [*found, Step("smoke", "", "ask both services, and keep the release when they answer rightly", (last,))]


def tree(found: Sequence[Step]) -> str:
    """Return FOUND as lines, each below the first step that it waits for."""
    lines: list[str] = []

    def draw(step: Step, indent: str, *, last: bool, root: bool) -> None:
        joint = "" if root else ("└─ " if last else "├─ ")
        others = f" (after {', '.join(step.after)})" if len(step.after) > 1 else ""
        lines.append(f"{indent}{joint}{step.name}: {step.does}{others}")
        # With several to wait for, it stands below the last of them.
        below = [each for each in found if each.after and each.after[-1] == step.name]
        for place, each in enumerate(below):
            deeper = "" if root else ("   " if last else "│  ")
            draw(each, indent + deeper, last=place == len(below) - 1, root=False)

    for step in found:
        if not step.after:
            draw(step, "", last=True, root=True)
    return "\n".join(lines)


def mermaid(found: Sequence[Step]) -> str:
    """Return FOUND as a Mermaid flowchart, which GitHub draws."""
    names = {each.name: each.name.replace(" ", "_").replace("-", "_") for each in found}
    lines = ["flowchart TD"]
    lines += [f'  {names[each.name]}["<b>{each.name}</b><br>{each.does}"]' for each in found]
    lines += [f"  {names[before]} --> {names[each.name]}" for each in found for before in each.after]
    return "\n".join(lines)
