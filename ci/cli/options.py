"""What the command line's options mean: one type each, whichever commands understand it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Group, Parameter


@dataclass(frozen=True)
class Options:
    """What every command understands."""

    env: Annotated[Literal["demo"], Parameter(help="The environment, a folder of infra/terraform/envs.")] = "demo"
    json: Annotated[bool, Parameter(negative="", help="Print one JSON document to stdout, and nothing else there.")] = (
        False
    )
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", help="No progress lines.")] = False
    debug: Annotated[bool, Parameter(negative="", help="Show a bug's traceback.")] = False


everywhere = Group("Everywhere", sort_key=9)

Service = Annotated[str | None, Parameter(name="--service", help="Only this one: db-api or chat-api.")]
Allowed = Annotated[
    tuple[str, ...],
    Parameter(name="--allow-destroy", help="Address of what holds data and may be destroyed. May be repeated."),
]
Approved = Annotated[
    str,
    Parameter(name="--approved", help="The plan's hash, as approved: 12 digits or more. Any other plan is refused."),
]
AutoRollback = Annotated[
    bool,
    Parameter(name="--auto-rollback", help="When the smoke test fails, go back to the release before; still fail."),
]
Common = Annotated[Options, Parameter(name="*", group=everywhere)]
DEFAULTS = Options()
