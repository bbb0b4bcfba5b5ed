"""
The Pod Security Standard `restricted`, baseline's controls included, as read from a pod's fields.

Each control of https://kubernetes.io/docs/concepts/security/pod-security-standards/
(as of Kubernetes 1.35) is one function. In one point this is stricter than the
standard: a user namespace (`hostUsers: false`) or Windows relaxes nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    # A pod or a pod template, as the API spells it.
    Pod: TypeAlias = Mapping[str, Any]
    # A part of a pod, with who it is: `pod` or `container NAME`.
    Parts: TypeAlias = Iterator[tuple[str, Mapping[str, Any]]]
    # Who breaks a control, and what to write instead.
    Found: TypeAlias = Iterator[tuple[str, str]]

APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
PROFILES = ("RuntimeDefault", "Localhost")
SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def violations(pod: Pod) -> list[str]:
    """Return a sentence for each way in which POD breaks the standard, the control's name first."""
    return [f"{control}: {who} {wrong}" for control, check in CONTROLS.items() for who, wrong in check(pod)]


def containers(pod: Pod) -> Parts:
    """Yield who it is and its fields for each container of POD, of whatever sort."""
    for sort in ("initContainers", "containers", "ephemeralContainers"):
        for each in pod["spec"].get(sort, ()):
            yield f"container {each['name']}", each


def inner(pod: Pod) -> Parts:
    """Yield the securityContext of each container, empty where it has none."""
    for who, each in containers(pod):
        yield who, each.get("securityContext") or {}


def outer(pod: Pod) -> Mapping[str, Any]:
    """Return the securityContext of the pod itself."""
    return pod["spec"].get("securityContext") or {}


def contexts(pod: Pod) -> Parts:
    yield "pod", outer(pod)
    yield from inner(pod)


def host_process(pod: Pod) -> Found:
    for who, context in contexts(pod):
        if context.get("windowsOptions", {}).get("hostProcess"):
            yield who, "sets windowsOptions.hostProcess; leave it out"


def host_namespaces(pod: Pod) -> Found:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod["spec"].get(name):
            yield "pod", f"sets {name}; leave it out"


def privileged(pod: Pod) -> Found:
    for who, context in inner(pod):
        if context.get("privileged"):
            yield who, "is privileged; set privileged to false"


def capabilities(pod: Pod) -> Found:
    for who, context in inner(pod):
        changed = context.get("capabilities") or {}
        if "ALL" not in changed.get("drop", ()):
            yield who, "keeps capabilities; set capabilities.drop to [ALL]"
        for each in sorted(set(changed.get("add", ())) - {"NET_BIND_SERVICE"}):
            yield who, f"adds the capability {each}; only NET_BIND_SERVICE may be added"


def host_path(pod: Pod) -> Found:
    for each in pod["spec"].get("volumes", ()):
        if "hostPath" in each:
            yield "pod", f"mounts the node's own files as volume {each['name']}; use another type of volume"


def host_ports(pod: Pod) -> Found:
    for who, each in containers(pod):
        for port in each.get("ports", ()):
            if port.get("hostPort"):
                yield who, f"takes the node's port {port['hostPort']}; leave hostPort out"


def host_probes(pod: Pod) -> Found:
    for who, each in containers(pod):
        hooks = {f"lifecycle.{name}": hook for name, hook in (each.get("lifecycle") or {}).items()}
        probes = {name: each.get(name) for name in ("startupProbe", "readinessProbe", "livenessProbe")}
        for name, probe in {**probes, **hooks}.items():
            for way in ("httpGet", "tcpSocket"):
                if isinstance(probe, dict) and (probe.get(way) or {}).get("host"):
                    yield who, f"sends the kubelet elsewhere by {name}.{way}.host; leave host out"


def apparmor(pod: Pod) -> Found:
    for who, context in contexts(pod):
        profile = context.get("appArmorProfile")
        if profile is not None and profile.get("type") not in PROFILES:
            yield who, f"has the AppArmor profile {profile.get('type')}; leave it out or use one of {PROFILES}"
    for name, value in (pod["metadata"].get("annotations") or {}).items():
        if name.startswith(APPARMOR_ANNOTATION) and not (
            value in {"", "runtime/default"} or value.startswith("localhost/")
        ):
            yield f"container {name.removeprefix(APPARMOR_ANNOTATION)}", f"is annotated as {value}; leave it out"


def selinux(pod: Pod) -> Found:
    for who, context in contexts(pod):
        options = context.get("seLinuxOptions") or {}
        if options.get("type", "") not in SELINUX_TYPES:
            yield who, f"has the SELinux type {options['type']}; leave it out or use one of {SELINUX_TYPES[1:]}"
        for name in ("user", "role"):
            if options.get(name):
                yield who, f"sets seLinuxOptions.{name}; leave it out"


def proc_mount(pod: Pod) -> Found:
    for who, context in inner(pod):
        if context.get("procMount", "Default") != "Default":
            yield who, f"mounts /proc as {context['procMount']}; leave procMount out"


def seccomp(pod: Pod) -> Found:
    profiles = {who: context["seccompProfile"]["type"] for who, context in contexts(pod) if "seccompProfile" in context}
    for who, profile in profiles.items():
        if profile not in PROFILES:
            yield who, f"has the seccomp profile {profile}; use one of {PROFILES}"
    for who, _ in containers(pod):
        if not {"pod", who} & profiles.keys():
            yield who, "has no seccomp profile; set seccompProfile.type to RuntimeDefault for the pod"


def sysctls(pod: Pod) -> Found:
    for each in outer(pod).get("sysctls", ()):
        if each["name"] not in SYSCTLS:
            yield "pod", f"sets {each['name']}; only settings that stay within the pod may be set"


def volume_types(pod: Pod) -> Found:
    for each in pod["spec"].get("volumes", ()):
        for sort in sorted(each.keys() - VOLUMES - {"name"}):
            yield "pod", f"has the volume {each['name']} of the type {sort}; use one of {sorted(VOLUMES)}"


def privilege_escalation(pod: Pod) -> Found:
    for who, context in inner(pod):
        if context.get("allowPrivilegeEscalation") is not False:
            yield who, "may gain privileges; set allowPrivilegeEscalation to false"


def non_root(pod: Pod) -> Found:
    if outer(pod).get("runAsNonRoot") is False:
        yield "pod", "permits root; set runAsNonRoot to true"
    for who, context in inner(pod):
        if not context.get("runAsNonRoot", outer(pod).get("runAsNonRoot")):
            yield who, "may run as root; set runAsNonRoot to true"


def non_root_user(pod: Pod) -> Found:
    for who, context in contexts(pod):
        if context.get("runAsUser") == 0:
            yield who, "runs as user 0; use another number"


CONTROLS: dict[str, Callable[[Pod], Found]] = {
    "host process": host_process,
    "host namespaces": host_namespaces,
    "privileged containers": privileged,
    "capabilities": capabilities,
    "hostPath volumes": host_path,
    "host ports": host_ports,
    "host probes and hooks": host_probes,
    "AppArmor": apparmor,
    "SELinux": selinux,
    "/proc mount": proc_mount,
    "seccomp": seccomp,
    "sysctls": sysctls,
    "volume types": volume_types,
    "privilege escalation": privilege_escalation,
    "running as non-root": non_root,
    "running as non-root user": non_root_user,
}
