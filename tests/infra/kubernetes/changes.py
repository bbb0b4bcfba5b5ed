"""Changes to a pod that keeps the `restricted` rules: some break one, others leave all kept."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTER = "spec.securityContext"
FIRST = "spec.containers.0"
INNER = f"{FIRST}.securityContext"
ELSEWHERE = {"httpGet": {"path": "/", "port": 80, "host": "192.0.2.1"}}
ANNOTATION = "container.apparmor.security.beta.kubernetes.io"

# Control, and what breaks it: path -> value there, None for nothing there.
# Each is a pod that the API takes where no rules are enforced.
BREAKING: list[tuple[str, dict[str, Any]]] = [
    ("host process", {"spec.hostNetwork": True, f"{OUTER}.windowsOptions": {"hostProcess": True}}),
    ("host namespaces", {"spec.hostNetwork": True}),
    ("host namespaces", {"spec.hostPID": True}),
    ("host namespaces", {"spec.hostIPC": True}),
    ("privileged containers", {f"{INNER}.privileged": True, f"{INNER}.allowPrivilegeEscalation": None}),
    ("capabilities", {f"{INNER}.capabilities": None}),
    ("capabilities", {f"{INNER}.capabilities.drop": ["NET_RAW"]}),
    ("capabilities", {f"{INNER}.capabilities.add": ["NET_ADMIN"]}),
    ("capabilities", {f"{INNER}.capabilities.add": ["CHOWN"]}),
    ("hostPath volumes", {"spec.volumes.0.emptyDir": None, "spec.volumes.0.hostPath": {"path": "/var/run"}}),
    ("host ports", {f"{FIRST}.ports": [{"containerPort": 80, "name": "http", "hostPort": 80}]}),
    ("host probes and hooks", {f"{FIRST}.livenessProbe": ELSEWHERE}),
    ("host probes and hooks", {f"{FIRST}.readinessProbe": {"tcpSocket": {"port": 80, "host": "192.0.2.1"}}}),
    ("host probes and hooks", {f"{FIRST}.lifecycle": {"preStop": ELSEWHERE}}),
    ("AppArmor", {f"{OUTER}.appArmorProfile": {"type": "Unconfined"}}),
    ("AppArmor", {f"{INNER}.appArmorProfile": {"type": "Unconfined"}}),
    ("AppArmor", {"metadata.annotations": {f"{ANNOTATION}/db-api": "unconfined"}}),
    ("SELinux", {f"{OUTER}.seLinuxOptions": {"type": "spc_t"}}),
    ("SELinux", {f"{INNER}.seLinuxOptions": {"user": "system_u"}}),
    ("SELinux", {f"{INNER}.seLinuxOptions": {"role": "system_r"}}),
    ("/proc mount", {f"{INNER}.procMount": "Unmasked", "spec.hostUsers": False}),
    ("seccomp", {f"{OUTER}.seccompProfile": None}),
    ("seccomp", {f"{OUTER}.seccompProfile": {"type": "Unconfined"}}),
    ("seccomp", {f"{INNER}.seccompProfile": {"type": "Unconfined"}}),
    ("sysctls", {f"{OUTER}.sysctls": [{"name": "kernel.msgmax", "value": "65536"}]}),
    ("volume types", {"spec.volumes.0.emptyDir": None, "spec.volumes.0.nfs": {"server": "a.example", "path": "/"}}),
    ("privilege escalation", {f"{INNER}.allowPrivilegeEscalation": None}),
    ("privilege escalation", {f"{INNER}.allowPrivilegeEscalation": True}),
    ("running as non-root", {f"{OUTER}.runAsNonRoot": None, f"{INNER}.runAsNonRoot": None}),
    ("running as non-root", {f"{OUTER}.runAsNonRoot": False}),
    ("running as non-root", {f"{INNER}.runAsNonRoot": False}),
    ("running as non-root user", {f"{OUTER}.runAsUser": 0}),
    ("running as non-root user", {f"{INNER}.runAsUser": 0}),
    ("privilege escalation", {"spec.initContainers": [{"name": "first", "image": "example/first"}]}),
]

KEEPING: dict[str, dict[str, Any]] = {
    "the one capability": {f"{INNER}.capabilities.add": ["NET_BIND_SERVICE"]},
    "seccomp of each container": {
        f"{OUTER}.seccompProfile": None,
        f"{INNER}.seccompProfile": {"type": "Localhost", "localhostProfile": "own.json"},
    },
    "non-root by the pod": {f"{INNER}.runAsNonRoot": None},
    "non-root by each container": {f"{OUTER}.runAsNonRoot": None},
    "a host port of zero": {f"{FIRST}.ports": [{"containerPort": 80, "name": "http", "hostPort": 0}]},
    "a sysctl of the pod's own": {f"{OUTER}.sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]},
    "a volume from a secret": {
        "spec.volumes.0.emptyDir": None,
        "spec.volumes.0.secret": {"secretName": "mongodb"},
    },
    "profiles of the runtime": {
        f"{OUTER}.appArmorProfile": {"type": "RuntimeDefault"},
        f"{INNER}.seLinuxOptions": {"type": "container_t"},
        f"{INNER}.procMount": "Default",
    },
}


def changed(pod: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of POD with CHANGES: path (`spec.containers.0.ports`) -> value; None removes what is there."""
    made: dict[str, Any] = copy.deepcopy(dict(pod))
    for path, value in changes.items():
        *way, last = path.split(".")
        place: Any = made
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return made


def name(changes: Mapping[str, Any]) -> str:
    """Return a short name of CHANGES for a test's id."""
    return " ".join(f"{path.rpartition('.')[2]}={value}" for path, value in changes.items())
