"""What a first run needs, what of it is there, and how to mend the rest."""

from __future__ import annotations

import importlib.util
import json as json_format
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import anyio
from rich.console import Console
from rich.markup import escape

from ci import settings as all_settings
from ci.aws import record_store as records
from ci.aws.client import Aws, told
from ci.engines.host.binary import find_terraform
from ci.errors import NotReady, PipelineError
from ci.settings import Settings, declared_region, refuse_placeholders
from ci.terraform import backend

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = (3, 11)
ATLAS = (
    "TF_VAR_mongodb_password",
    "TF_VAR_atlas_org_id or TF_VAR_atlas_project_id",
    "MONGODB_ATLAS_CLIENT_ID",
    "MONGODB_ATLAS_CLIENT_SECRET",
)
TRIAL = 60.0
# GiB: the providers take 1, both images with their layers the rest.
DISK = 3
# Seconds; what AWS's own answer takes is in it.
SKEW = 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `needed_for` is rehearse, deploy or both."""

    name: str
    ok: bool
    needed_for: str
    result: str
    hint: str = ""


def look() -> list[Finding]:
    """Return all findings; each is looked at even where an earlier one failed."""
    found = [
        _find("python", "both", _python),
        _find("packages", "both", _packages),
        _find("terraform on this machine", "rehearse", lambda: " ".join(find_terraform())),
        _find("work folder", "both", _folder),
        _find("disk", "both", _disk),
        _find("settings", "both", lambda: f"region {declared_region(all_settings.load())}"),
    ]
    with_settings = {
        "addresses": _addresses,
        "secrets": _secrets,
        "dagger engine": _engine,
        "aws account": _account,
        "clock": _clock,
        "state": _state,
    }
    for name, question in with_settings.items():
        found.append(_find(name, "deploy", lambda question=question: question(all_settings.load())))  # type: ignore[misc]
    return found


def _find(name: str, needed_for: str, question: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, needed_for, question())
    except PipelineError as error:
        return Finding(name, False, needed_for, error.title, error.hint)


def _python() -> str:
    told = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        title = f"This is Python {told}; {PYTHON[0]}.{PYTHON[1]} or newer is needed."
        raise NotReady(title, code="python_old", hint="Install a newer Python and run `make venv`.")
    return told


def _packages() -> str:
    wanted = ("dagger", "boto3", "moto", "grpc", "nx_27017", "fastapi", "motor", "pytest")
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        title = f"Packages are missing: {', '.join(missing)}."
        raise NotReady(title, code="packages_missing", hint="Run `make venv` and use .venv/bin/python.")
    return "those of requirements/dev.txt"


def _folder() -> str:
    folder = all_settings.ROOT / ".carepath"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return f"{folder} can be written to"
    except OSError as error:
        title = f"{folder} cannot be written to: {error.strerror}."
        raise NotReady(title, code="folder_read_only", hint="Use a checkout that is yours to write.") from None


def _disk() -> str:
    free = shutil.disk_usage(all_settings.ROOT).free / 2**30
    if free < DISK:
        title = f"There are {free:.1f} GiB free; a run needs {DISK}."
        raise NotReady(title, code="disk_full", hint="Make room, such as by `docker system prune`.")
    return f"{free:.0f} GiB free"


def _secrets(settings: Settings) -> str:
    told = {**settings.terraform_variables, **settings.terraform_secrets}
    if "TF_VAR_existing_mongodb_uri" in told:
        return "a database of one's own: TF_VAR_existing_mongodb_uri"
    missing = [name for name in ATLAS if not any(each in told for each in name.split(" or "))]
    if missing:
        title = f"Not set: {', '.join(missing)}."
        hint = "Set them (docs/operations.md), or take a database of your own: create_atlas = false."
        raise NotReady(title, code="secrets_missing", hint=hint)
    return "those of the database and of Atlas"


def _addresses(settings: Settings) -> str:
    refuse_placeholders(settings)
    return "those of terraform.tfvars are no placeholders"


def _engine(settings: Settings) -> str:
    from ci.engines.dagger.session import find_cli, open_session  # noqa: PLC0415 - importing dagger takes two seconds

    async def answer() -> str:
        from dagger import dag  # noqa: PLC0415

        log = settings.work_folder / "doctor.log"
        async with open_session(settings.dagger, own=True, timeout=min(settings.engine_timeout, TRIAL), log=log):
            return await dag.version()

    return f"engine {anyio.run(answer)}, CLI {find_cli(settings.dagger)}"


def _account(settings: Settings) -> str:
    return f"account {Aws(settings, declared_region(settings)).account()}"


def _clock(settings: Settings) -> str:
    aws = Aws(settings, declared_region(settings))
    with told("tell its time"):
        reply = aws.client("sts").get_caller_identity()
    there = parsedate_to_datetime(reply["ResponseMetadata"]["HTTPHeaders"]["date"])
    seconds = abs((datetime.now(UTC) - there).total_seconds())
    if seconds > SKEW:
        title = f"The clock of this machine and that of AWS differ by {seconds:.0f} s."
        hint = "Set the clock (`timedatectl set-ntp true`): beyond five minutes AWS refuses every call."
        raise NotReady(title, code="clock_skewed", hint=hint)
    return f"{seconds:.0f} s from AWS's"


def _state(settings: Settings) -> str:
    aws = Aws(settings, declared_region(settings))
    place = backend.locate(aws)
    records.get(aws, "run.json")
    return f"bucket {place.bucket}, table {place.table}; `bootstrap` and `deploy` make what is missing"


def main(*, json: bool) -> int:
    """Print the findings, as one JSON document when JSON is wished; return 0 when a deploy has all it needs, else 3."""
    findings = look()
    rehearse, deploy = (
        all(each.ok for each in findings if each.needed_for in (what, "both")) for what in ("rehearse", "deploy")
    )
    if json:
        document = {"rehearse": rehearse, "deploy": deploy, "findings": [vars(each) for each in findings]}
        sys.stdout.write(json_format.dumps(document, indent=2, sort_keys=True) + "\n")
    else:
        console = Console(highlight=False, soft_wrap=True)
        for each in findings:
            mark = "[green]✔[/]" if each.ok else "[red]✘[/]"
            console.print(f"{mark} {each.name} [dim]({each.needed_for})[/]: {escape(each.result)}")
            if each.hint:
                console.print(f"  → {escape(each.hint)}")
        console.print(f"rehearse: {'ready' if rehearse else 'not ready'}; deploy: {'ready' if deploy else 'not ready'}")
    return 0 if deploy else NotReady.exit_code
