"""The stand-ins as one server: a port for each provider, and how Terraform is told of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

import grpc

from ci.rehearsal.providers.faults import Faults
from ci.rehearsal.providers.provider import Provider
from ci.rehearsal.providers.schema import FOLDER, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ci.rehearsal.providers.provider import Watch

# Terraform works on ten resources at a time, and a slow one must not keep a StopProvider waiting.
THREADS = 16
STOP_GRACE = 1.0
_OPTIONS = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0))


class ProviderServer:
    """
    Stand-ins of all providers in SCHEMAS, listening on ADDRESS until the block ends.

    FAULTS makes resources slow or failing; WATCH is called with type and
    configuration of each resource before it is applied.
    """

    def __init__(
        self,
        *,
        address: str = "127.0.0.1",
        schemas: Path = FOLDER,
        faults: Faults | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.addresses: dict[str, str] = {}
        self._host = address
        self._schemas = schemas
        self._faults = faults or Faults()
        self._watch = watch
        self._servers: list[grpc.Server] = []

    def __enter__(self) -> Self:
        for each in load(self._schemas):
            server = grpc.server(ThreadPoolExecutor(THREADS, thread_name_prefix=each.name), options=_OPTIONS)
            server.add_generic_rpc_handlers((Provider(each, self._faults, self._watch).calls(),))
            port = server.add_insecure_port(f"{self._host}:0")
            server.start()
            self._servers.append(server)
            self.addresses[each.source] = f"{self._host}:{port}"
        return self

    def __exit__(self, *exception: object) -> None:
        stopped = [server.stop(STOP_GRACE) for server in self._servers]
        for each in stopped:
            each.wait()
        self._servers.clear()
        self.addresses.clear()


def reattach(addresses: Mapping[str, str], pid: int) -> str:
    """
    Return the value of TF_REATTACH_PROVIDERS that leads Terraform to ADDRESSES, provider source -> host:port.

    Terraform takes a provider for dead when the process PID is: name one that
    lives where Terraform runs.
    """
    return json.dumps(
        {
            source: {
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": pid,
                "Test": True,
                "Addr": {"Network": "tcp", "String": address},
            }
            for source, address in addresses.items()
        }
    )
