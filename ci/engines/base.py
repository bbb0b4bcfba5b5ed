"""What a stage may ask of an engine. Stages know these protocols and no engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

    from ci.services import Service
    from ci.terraform.cli import Completed


@dataclass(frozen=True)
class Registry:
    """
    Where images are kept; `password` is for the user AWS and empty for a registry that asks for none.

    `endpoint` is where its HTTP API is, when it is not where its host's name says; `timeout` is the seconds that a
    call of it may take.
    """

    host: str
    password: str = ""
    endpoint: str = ""
    # What is asked for there has some hundred kilobytes, so nothing takes long.
    timeout: float = 30.0

    @property
    def address(self) -> str:
        """The URL of its HTTP API; only this machine's own is asked without TLS."""
        scheme = "http" if self.host.partition(":")[0] == "localhost" else "https"
        return self.endpoint or f"{scheme}://{self.host}"


@dataclass(frozen=True)
class Contents:
    """What an image holds on one platform, as ci/supply_chain/inventory.py printed it inside."""

    platform: str
    inventory: str


@dataclass(frozen=True)
class Endpoints:
    """Where the services answer; `db_api` is empty where it is private, as it is in the cloud."""

    chat_api: str
    db_api: str = ""


class Terraform(Protocol):
    """Terraform in the folder of one environment; files written there stay until it is closed."""

    async def run(self, arguments: list[str]) -> Completed:
        """
        Run terraform with ARGUMENTS and return how it ended, whatever the exit code.

        Cancelling does not end it, since a killed Terraform leaves its lock
        behind and may lose its state: `stop` does, and this call then returns.
        """

    async def stop(self) -> bool:
        """
        Ask the running command to stop gracefully, as one Ctrl-C would; return whether one was running.

        A second time asks Terraform to end at once, which leaves the lock and what the state does not yet say.
        """

    async def write(self, name: str, content: bytes) -> None:
        """Put CONTENT into the file NAME of the folder."""

    async def read(self, name: str) -> bytes | None:
        """Return the file NAME of the folder, or None when there is none."""


class Engine(Protocol):
    """Where stages run."""

    name: str
    makes_images: bool

    async def build(self, service: Service) -> None:
        """Build SERVICE's image; raise ImageFailed with the end of the build's output."""

    async def check(self, service: Service, reference: str | None = None, registry: Registry | None = None) -> str:
        """
        Run SERVICE's tests in its image and return their closing line; raise CheckFailed.

        The image is the one REFERENCE names in REGISTRY, or the one that `build` made when it is None.
        """

    async def base(self) -> str:
        """Return the digest, `sha256:…`, of the image that all images are made on; empty when none is pulled."""

    async def inspect(self, session: str) -> str:
        """Run the nox SESSION over the whole checkout and return its closing line; raise CheckFailed."""

    async def publish(self, service: Service, tag: str, registry: Registry, labels: Mapping[str, str]) -> str:
        """
        Push SERVICE's image as TAG, with LABELS as labels and annotations, and return its digest.

        Raises ImageFailed when the push is refused.
        """

    async def contents(self, service: Service) -> list[Contents]:
        """Return what SERVICE's image holds, for each platform it is made for; none where no image is made."""

    def terraform(
        self, *, variables: Mapping[str, str], secrets: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Terraform]:
        """Open the environment's folder; VARIABLES and SECRETS go into Terraform's environment and nowhere else."""
