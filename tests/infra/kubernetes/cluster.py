"""A Kubernetes API server with its etcd, as processes on free ports: no node, no scheduler, no controller."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.infra.kubernetes.manifest import Manifest

START = 90.0
GRACE = 10.0
POLL = 0.1
REPLY = 30.0
TAIL = 20
ATTEMPTS = 3
IN_USE = "address already in use"
LOOPBACK = "127.0.0.1"
GUARD = Path(__file__).with_name("guard.py")


@dataclass(frozen=True)
class Cluster:
    """An API server that answers CLIENT as one who may do everything."""

    client: httpx.Client

    def create(self, manifest: Manifest, *, dry: bool = False) -> httpx.Response:
        """Send MANIFEST, every field of which the server must know; DRY goes through all but the storing."""
        query: dict[str, str] = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry else {})}
        return self.client.post(self._path(manifest), json=manifest, params=query)

    def _path(self, manifest: Manifest) -> str:
        version, kind = manifest["apiVersion"], manifest["kind"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        known: list[Mapping[str, Any]] = self.client.get(root).raise_for_status().json()["resources"]
        found = [each for each in known if each["kind"] == kind and "/" not in each["name"]]
        assert found, f"the server knows no {kind} in {version}"
        folder = f"/namespaces/{manifest['metadata']['namespace']}" if found[0]["namespaced"] else ""
        return f"{root}{folder}/{found[0]['name']}"


@contextlib.contextmanager
def serving(apiserver: str, etcd: str, folder: Path) -> Iterator[Cluster]:
    """Run the binaries APISERVER and ETCD until the block ends; all that they keep and say lies in FOLDER."""
    token = token_hex()
    folder.joinpath("tokens.csv").write_text(f"{token},tester,tester,system:masters\n")
    folder.joinpath("accounts.pem").write_bytes(_key())
    certificate = folder / "certificates/apiserver.crt"

    def storage(port: int) -> httpx.Client:
        return httpx.Client(base_url=f"http://{LOOPBACK}:{port}", trust_env=False)

    def api(port: int) -> httpx.Client:
        return httpx.Client(
            base_url=f"https://{LOOPBACK}:{port}",
            headers={"Authorization": f"Bearer {token}"},
            verify=ssl.create_default_context(cafile=str(certificate)),
            timeout=REPLY,
            trust_env=False,
        )

    def storage_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        with storage(port) as client:
            _wait(client, "/health", process, log)

    def api_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        _wait_for(certificate.exists, process, log)
        with api(port) as client:
            _wait(client, "/readyz", process, log)

    with contextlib.ExitStack() as stack:
        log = folder / "etcd.log"
        at = _started(stack, lambda port: [etcd, *_etcd(folder, f"http://{LOOPBACK}:{port}")], log, storage_ready)
        address = f"http://{LOOPBACK}:{at}"
        log = folder / "kube-apiserver.log"
        at = _started(stack, lambda port: [apiserver, *_apiserver(folder, address, port)], log, api_ready)
        yield Cluster(stack.enter_context(api(at)))


def _started(
    stack: contextlib.ExitStack,
    command: Callable[[int], list[str]],
    log: Path,
    ready: Callable[[int, subprocess.Popen[bytes], Path], None],
) -> int:
    """
    Run `command` on a free port, which is returned, until `stack` is closed; return once it is `ready`.

    Neither program takes port 0 and reports its port, so that another process may take the port in between: then it is
    tried on another one.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port: int = probe.getsockname()[1]
        with contextlib.ExitStack() as running:
            process = running.enter_context(_process(command(port), log))
            try:
                ready(port, process, log)
            except AssertionError:
                if attempt == ATTEMPTS or IN_USE not in log.read_text(errors="replace"):
                    raise
                continue
            stack.push(running.pop_all())
            return port
    raise AssertionError


def free_port() -> int:
    """
    Return a port of the loopback that nothing listens on now.

    Somebody else may take it before the server does; kube-apiserver takes neither port 0 nor a socket of its parent's.
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _etcd(folder: Path, address: str) -> list[str]:
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={address}",
        f"--advertise-client-urls={address}",
        # It has no peers, so that any port does.
        f"--listen-peer-urls=http://{LOOPBACK}:0",
    ]


def _apiserver(folder: Path, storage: str, port: int) -> list[str]:
    accounts = folder / "accounts.pem"
    return [
        f"--etcd-servers={storage}",
        f"--bind-address={LOOPBACK}",
        f"--secure-port={port}",
        # It makes its own certificate there.
        f"--cert-dir={folder / 'certificates'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={accounts}",
        f"--service-account-signing-key-file={accounts}",
        "--service-cluster-ip-range=10.96.0.0/16",
        # What refuses a privileged pod must be the namespace's rules.
        "--allow-privileged=true",
    ]


def _key() -> bytes:
    """Return a new private key in the only form in which the server takes one for its tokens and their check."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


@contextlib.contextmanager
def _process(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run COMMAND until the block ends, or this process does; it says into LOG."""
    # Neither program may take settings from variables such as ETCD_NAME.
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR"}}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(GUARD), str(GRACE), *command],
            env=kept,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the test, which ends both in their order.
            start_new_session=True,
        )
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(2 * GRACE)


def _wait(client: httpx.Client, path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return client.get(path).is_success
        return False

    _wait_for(answers, process, log)


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once CONDITION holds; where PROCESS ends first, or START seconds pass, fail with the end of its LOG."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        if condition():
            return
        time.sleep(POLL)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
    message = f"{log.stem} did not start:\n{tail}"
    raise AssertionError(message)
