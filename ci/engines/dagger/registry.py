"""How containers of the engine reach a registry, or whatever else listens on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagger
from dagger import dag

if TYPE_CHECKING:
    from ci.engines.base import Registry
    from ci.settings import Settings


def pulled(settings: Settings, reference: str, registry: Registry | None = None) -> dagger.Container:
    """
    Return the image REFERENCE; REGISTRY is where it lies, if that asks for credentials.

    By its digest it is always the same one, so it carries no nonce. Of an image
    for several platforms the engine runs its own.
    """
    platforms = settings.platforms
    empty = dag.container(platform=dagger.Platform(platforms[0])) if len(platforms) == 1 else dag.container()
    return with_login(empty, registry).from_(reference, registry_service=way_to(reference.partition("/")[0]))


def with_login(container: dagger.Container, registry: Registry | None) -> dagger.Container:
    """Return CONTAINER with REGISTRY's credentials for a push or a pull, where it asks for any."""
    if registry is None or not registry.password:
        return container
    secret = dag.set_secret("registry-password", registry.password)
    return container.with_registry_auth(registry.host, "AWS", secret)


def way_to(host: str) -> dagger.Service | None:
    """Return the way to the registry HOST when it is on this machine; the engine may be on another."""
    name, _, port = host.partition(":")
    return host_service(int(port)) if name == "localhost" else None


def host_service(*ports: int) -> dagger.Service:
    """Return the PORTS of this machine's loopback as a service that containers can reach."""
    return dag.host().service([dagger.PortForward(backend=port, frontend=port) for port in ports])
