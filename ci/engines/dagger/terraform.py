"""
Terraform in a container of the Dagger engine.

What reads or changes the outside carries a nonce as its last variable before
the exec, and a secret reaches a container as a Dagger secret only
(docs/adr/0005).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
from dagger import ReturnType, dag

from ci.engines.dagger.errors import LOST, told
from ci.engines.dagger.registry import host_service
from ci.engines.dagger.toolbox import toolbox, with_providers
from ci.errors import NotReady
from ci.settings import ROOT
from ci.terraform import cli as terraform

if TYPE_CHECKING:
    from collections.abc import Mapping

    import dagger

    from ci.settings import Settings

NONCE = "CAREPATH_RUN"
STAND_INS = "stand-ins"
TREE = "/src/terraform"
MAILBOX = "/run/carepath"
DOCUMENT = "/tmp/terraform.json"  # noqa: S108 - in a container of its own

# $0 is the file whose appearance asks for a stop, since the API has no signal for an exec: a graceful one the first
# time, and a kill where Terraform heeds no more (`terraform.obeys`). The engine takes a death by signal for its own.
STOPPABLE = """
"$@" & pid=$!
( asked=0
  while kill -0 "$pid" 2>/dev/null; do
    if [ -e "$0" ]; then
      rm -f "$0"
      asked=$((asked + 1))
      case "$asked $2" in
        1\\ * | 2\\ plan | 2\\ apply) kill -TERM "$pid" ;;
        *) kill -KILL "$pid" ;;
      esac
    fi
    sleep 0.2
  done ) &
wait "$pid"
code=$?
[ "$code" -lt 128 ] || code=1
exit "$code"
"""


class DaggerTerraform:
    """Terraform in a container; each command goes on from the file system the one before left."""

    def __init__(self, container: dagger.Container, run_id: str) -> None:
        self._container = container
        self._run_id = run_id
        self._count = 0
        self._stop_file = ""
        self._stops = 0

    async def run(self, arguments: list[str]) -> terraform.Completed:
        self._count += 1
        self._stop_file = f"{MAILBOX}/{self._run_id}-{self._count}"
        # A plan's JSON holds the values of variables: it goes into a file, since the engine logs what is printed.
        file = f"{DOCUMENT}-{self._count}" if "-json" in arguments else ""
        script = f"exec >{file}\n{STOPPABLE}" if file else STOPPABLE
        command = ["sh", "-c", script, self._stop_file, "terraform", *arguments]
        done = self._container.with_env_variable(NONCE, self._run_id).with_exec(command, expect=ReturnType.ANY)
        try:
            with (
                anyio.CancelScope(shield=True),
                told(NotReady, "The engine was lost while Terraform ran.", "engine_lost", hint=LOST),
            ):
                code = await done.exit_code()
                stdout = await (done.file(file).contents() if file else done.stdout())
                completed = terraform.Completed(code, stdout, await done.stderr())
        finally:
            self._stop_file = ""
        self._container = done
        return completed

    async def stop(self) -> bool:
        if not self._stop_file:
            return False
        self._stops += 1
        # The engine would not run again what it has run: each stop has a nonce of its own.
        await (
            self._container.with_env_variable(NONCE, f"{self._run_id}-stop-{self._stops}")
            .with_exec(["touch", self._stop_file])
            .sync()
        )
        return True

    async def write(self, name: str, content: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="carepath-") as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            file = dag.host().file(str(path), no_cache=True)
            self._container = await self._container.with_file(name, file, permissions=0o600).sync()

    async def read(self, name: str) -> bytes | None:
        if name not in await self._container.directory(".").entries():
            return None
        with tempfile.TemporaryDirectory(prefix="carepath-") as folder:
            path = Path(folder) / name
            await self._container.file(name).export(str(path))
            return path.read_bytes()


def opened(settings: Settings, variables: Mapping[str, str], secrets: Mapping[str, str]) -> dagger.Container:
    """Return the environment's folder in a container, with VARIABLES and SECRETS in Terraform's environment."""
    container = toolbox(settings)
    if not settings.provider_addresses:
        container = with_providers(container, settings)
    tree = dag.host().directory(
        str(ROOT / "infra/terraform"), exclude=["**/.terraform", "**/*.tfstate*", "**/*.tfplan", "**/tests"]
    )
    container = (
        container.with_directory(TREE, tree)
        .with_workdir(f"{TREE}/{settings.environment_folder.as_posix()}")
        .with_mounted_cache(MAILBOX, dag.cache_volume("carepath-mailbox"))
    )
    for name, value in {**terraform.ENVIRONMENT, **_reach(settings), **variables}.items():
        container = container.with_env_variable(name, value)
    if ports := _ports(settings):
        container = container.with_service_binding(STAND_INS, host_service(*ports))
    for name, value in secrets.items():
        container = container.with_secret_variable(name, dag.set_secret(name, value))
    return container


def _ports(settings: Settings) -> list[int]:
    """Return the ports of the stand-ins; none in a deploy that is real."""
    addresses = list(settings.provider_addresses.values())
    if settings.aws_endpoint_url:
        addresses.append(urlsplit(settings.aws_endpoint_url).netloc)
    return [int(address.rpartition(":")[2]) for address in addresses]


def _reach(settings: Settings) -> dict[str, str]:
    """Return the variables that lead Terraform to the stand-ins, which run on this machine."""
    # The engine hands its own proxy on to what it runs, and no proxy reaches this machine's loopback.
    found = {"NO_PROXY": STAND_INS} if _ports(settings) else {}
    if endpoint := settings.aws_endpoint_url:
        found["AWS_ENDPOINT_URL"] = f"http://{STAND_INS}:{urlsplit(endpoint).port}"
    if addresses := settings.provider_addresses:
        from ci.rehearsal.providers import reattach  # noqa: PLC0415 - only a rehearsal has them

        moved = {name: f"{STAND_INS}:{each.rpartition(':')[2]}" for name, each in addresses.items()}
        # Terraform watches the plug-in's process; in the container the first one always lives.
        found["TF_REATTACH_PROVIDERS"] = reattach(moved, 1)
    return found
