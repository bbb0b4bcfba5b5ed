"""The Kubernetes objects of a plan, as the API takes them: made from what Terraform's provider calls them."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# One object of the API: apiVersion, kind, metadata and what else its kind has.
Manifest = dict[str, Any]

KINDS = {
    "kubernetes_deployment_v1": ("apps/v1", "Deployment"),
    "kubernetes_horizontal_pod_autoscaler_v2": ("autoscaling/v2", "HorizontalPodAutoscaler"),
    "kubernetes_job_v1": ("batch/v1", "Job"),
    "kubernetes_namespace_v1": ("v1", "Namespace"),
    "kubernetes_network_policy_v1": ("networking.k8s.io/v1", "NetworkPolicy"),
    "kubernetes_pod_disruption_budget_v1": ("policy/v1", "PodDisruptionBudget"),
    "kubernetes_secret_v1": ("v1", "Secret"),
    "kubernetes_service_account_v1": ("v1", "ServiceAccount"),
    "kubernetes_service_v1": ("v1", "Service"),
}

# Terraform writes every block as a list. These are lists in the API too, often by another name.
REPEATED = {
    "container": "containers",
    "egress": "egress",
    "env": "env",
    "env_from": "envFrom",
    "from": "from",
    "image_pull_secret": "imagePullSecrets",
    "image_pull_secrets": "imagePullSecrets",
    "ingress": "ingress",
    "init_container": "initContainers",
    "match_expressions": "matchExpressions",
    "metric": "metrics",
    "policy": "policies",
    "port": "ports",
    "ports": "ports",
    "sysctl": "sysctls",
    "to": "to",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_mount": "volumeMounts",
}

# Lists in the provider's schema which the API has only one of.
SINGLE = {"label_selector", "post_start", "pre_stop", "scale_down", "scale_up"}

# Text in the provider's schema; the API wants a number wherever it is one.
NUMBERS = {
    "fs_group",
    "max_surge",
    "max_unavailable",
    "min_available",
    "port",
    "replicas",
    "run_as_group",
    "run_as_user",
    "target_port",
}

CAPITALS = {"ip": "IP", "ipc": "IPC", "ips": "IPs", "pid": "PID"}

# What tells Terraform how to go about it; the API never sees it. A Secret's data is added from SECRETS.
NOT_SENT = ("binary_data", "data", "default_secret_name", "id", "status", "timeouts", "wait_for_")


def manifests(plan: Mapping[str, Any], secrets: Mapping[str, Mapping[str, str]]) -> list[Manifest]:
    """
    Return an object for each kubernetes_* resource of PLAN, the JSON of `terraform show`.

    Values that are known only after the apply are left out. SECRETS, name -> data,
    fills the Secrets, whose data no plan holds.
    """
    made = [
        manifest(resource["type"], resource["values"])
        for resource in _resources(plan["planned_values"]["root_module"])
        if resource["mode"] == "managed" and resource["type"].startswith("kubernetes_")
    ]
    for each in made:
        if each["kind"] == "Secret":
            data = secrets[each["metadata"]["name"]]
            each["data"] = {key: b64encode(value.encode()).decode() for key, value in data.items()}
    return made


def manifest(resource: str, values: Mapping[str, Any]) -> Manifest:
    """Return VALUES of a resource of the type RESOURCE as an object; ValueError where that type is not known."""
    if resource not in KINDS:
        message = f"{resource} has no kind here: add its apiVersion and kind to KINDS in {__name__}."
        raise ValueError(message)
    version, kind = KINDS[resource]
    sent = {name: value for name, value in values.items() if not name.startswith(NOT_SENT)}
    return {"apiVersion": version, "kind": kind, **_fields(sent)}


def templates(objects: Sequence[Manifest]) -> dict[str, Manifest]:
    """Return name -> pod template of each of OBJECTS that makes pods."""
    return {
        each["metadata"]["name"]: each["spec"]["template"] for each in objects if "template" in each.get("spec", {})
    }


def pod(template: Manifest, name: str, namespace: str) -> Manifest:
    """Return the Pod NAME that TEMPLATE would make in NAMESPACE."""
    metadata = {**template["metadata"], "name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def api_name(name: str) -> str:
    """Return the API's spelling of the provider's NAME."""
    first, *rest = name.split("_")
    return first + "".join(CAPITALS.get(part, part.title()) for part in rest)


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _fields(values: Mapping[str, Any]) -> Manifest:
    """Return VALUES of one block in the API's names and types; what is null or an absent block is left out."""
    made: Manifest = {}
    for name, value in values.items():
        if value is None or value == []:
            continue
        if not _is_block(value):
            made[api_name(name)] = _scalar(name, value)
        elif name in REPEATED:
            made[REPEATED[name]] = [_fields(each or {}) for each in value]
        elif len(value) == 1:
            made[api_name(name)] = _fields(value[0] or {})
        else:
            message = f"{name} is there {len(value)} times: add it to REPEATED in {__name__}."
            raise ValueError(message)
    return made


def _is_block(value: object) -> bool:
    """Return whether VALUE is a block; Terraform writes one that has no argument as null or as an object of nulls."""
    return isinstance(value, list) and all(each is None or isinstance(each, dict) for each in value)


def _scalar(name: str, value: Any) -> Any:
    if name in NUMBERS and isinstance(value, str) and value.isdigit():
        return int(value)
    return value
