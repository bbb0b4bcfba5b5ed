"""What the plan's objects say of each other: selectors, names, ports and keys that must meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.kubernetes.manifest import templates
from tests.infra.kubernetes.restricted import containers
from tests.infra.kubernetes.selector import selects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.kubernetes.manifest import Manifest


def of(objects: list[Manifest], kind: str) -> dict[str, Manifest]:
    """Return name -> object of each of OBJECTS that is of KIND."""
    return {each["metadata"]["name"]: each for each in objects if each["kind"] == kind}


def picked(objects: list[Manifest], selector: dict[str, Any]) -> set[str]:
    """Return who makes the pods that SELECTOR picks."""
    found = templates(objects)
    return {name for name, template in found.items() if selects(selector, template["metadata"]["labels"])}


def ports(pod: Manifest) -> dict[int | str, int]:
    """Return number -> number, and name -> number, of each port of POD's containers."""
    named = [each for _, container in containers(pod) for each in container.get("ports", ())]
    return {each[key]: each["containerPort"] for each in named for key in ("name", "containerPort") if key in each}


@pytest.mark.parametrize("service", ["db-api", "chat-api"])
def test_all_that_selects_a_service_selects_the_same_pods(objects: list[Manifest], service: str) -> None:
    """Deployment, Service, budget and autoscaler mean the same pods, and no other has the labels."""
    deployment = of(objects, "Deployment")[service]
    selector = deployment["spec"]["selector"]

    assert picked(objects, selector) == {service}
    assert of(objects, "Service")[f"{service}-service"]["spec"]["selector"] == selector["matchLabels"]
    assert of(objects, "PodDisruptionBudget")[service]["spec"]["selector"] == selector
    assert of(objects, "HorizontalPodAutoscaler")[service]["spec"]["scaleTargetRef"] == {
        "apiVersion": deployment["apiVersion"],
        "kind": deployment["kind"],
        "name": service,
    }
    for spread in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]:
        assert spread["labelSelector"] == selector


def test_nothing_scales_or_guards_what_is_not_there(objects: list[Manifest]) -> None:
    """Each Service, budget and autoscaler belongs to a Deployment."""
    deployments = of(objects, "Deployment").keys()

    assert of(objects, "PodDisruptionBudget").keys() == deployments
    assert of(objects, "HorizontalPodAutoscaler").keys() == deployments
    assert {name.removesuffix("-service") for name in of(objects, "Service")} == deployments


def test_a_service_leads_to_a_port_of_its_pods(objects: list[Manifest]) -> None:
    """By number or by name, and over TCP as the containers listen."""
    for service in of(objects, "Service").values():
        (deployment,) = picked(objects, {"matchLabels": service["spec"]["selector"]})
        listening = ports(templates(objects)[deployment])
        for port in service["spec"]["ports"]:
            assert port.get("targetPort", port["port"]) in listening, service["metadata"]["name"]
            assert port.get("protocol", "TCP") == "TCP"


def test_a_probe_asks_a_port_of_its_container(pods: dict[str, Manifest]) -> None:
    """Each service has all three probes."""
    for name in ("db-api", "chat-api"):
        (container,) = pods[name]["spec"]["containers"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"]["port"] in ports(pods[name])


def test_every_policy_is_about_pods_that_exist(objects: list[Manifest]) -> None:
    """A selector with a slip in it would open, or close, nothing."""
    for name, policy in of(objects, "NetworkPolicy").items():
        assert picked(objects, policy["spec"]["podSelector"]), name
        for peer in peers(policy):
            if "namespaceSelector" not in peer and "podSelector" in peer:
                assert picked(objects, peer["podSelector"]), name


def peers(policy: Manifest) -> Iterator[Manifest]:
    """Yield whom POLICY lets in and out."""
    for rule in policy["spec"].get("ingress", []):
        yield from rule["from"]
    for rule in policy["spec"].get("egress", []):
        yield from rule["to"]


def test_a_policy_opens_ports_that_somebody_listens_on(objects: list[Manifest]) -> None:
    """A way in leads to a port of the pods picked, a way out to other pods of ours to a port of theirs."""
    pods = templates(objects)
    for name, policy in of(objects, "NetworkPolicy").items():
        ways = [(rule, policy["spec"]["podSelector"]) for rule in policy["spec"].get("ingress", [])]
        for rule in policy["spec"].get("egress", []):
            ours = [peer for peer in rule["to"] if "podSelector" in peer and "namespaceSelector" not in peer]
            ways += [(rule, peer["podSelector"]) for peer in ours]
        for rule, selector in ways:
            for target in picked(objects, selector):
                assert {each["port"] for each in rule["ports"]} <= ports(pods[target]).keys(), name


def test_what_may_go_out_is_let_in(objects: list[Manifest]) -> None:
    """A way between our pods is open at both ends, or it is closed."""
    policies = of(objects, "NetworkPolicy")
    egress, ingress = policies["chat-to-db-egress"]["spec"], policies["db-from-chat-ingress"]["spec"]

    assert picked(objects, egress["podSelector"]) == {"chat-api"}
    assert [peer["podSelector"] for peer in egress["egress"][0]["to"]] == [ingress["podSelector"]]
    assert [peer["podSelector"] for peer in ingress["ingress"][0]["from"]] == [egress["podSelector"]]
    assert egress["egress"][0]["ports"] == ingress["ingress"][0]["ports"]


def test_every_key_of_a_secret_is_in_it(objects: list[Manifest], pods: dict[str, Manifest]) -> None:
    """A pod that asks for a key which is not there never starts."""
    secrets = {name: set(secret["data"]) for name, secret in of(objects, "Secret").items()}
    asked = [
        (name, each["valueFrom"]["secretKeyRef"])
        for name, pod in pods.items()
        for _, container in containers(pod)
        for each in container.get("env", ())
        if "valueFrom" in each
    ]

    assert [(name, ref) for name, ref in asked if ref["key"] not in secrets.get(ref["name"], ())] == []
    assert {ref["name"] for _, ref in asked} == secrets.keys()


def test_pods_name_what_there_is(objects: list[Manifest], pods: dict[str, Manifest]) -> None:
    """Service accounts exist, mounts have their volume, no variable is set twice."""
    for name, pod in pods.items():
        volumes = {each["name"] for each in pod["spec"].get("volumes", ())}
        assert pod["spec"]["serviceAccountName"] in of(objects, "ServiceAccount"), name
        for who, container in containers(pod):
            assert {each["name"] for each in container.get("volumeMounts", ())} == volumes, who
            variables = [each["name"] for each in container.get("env", ())]
            assert sorted(variables) == sorted(set(variables)), who


def test_everything_lives_in_the_one_namespace(objects: list[Manifest]) -> None:
    """One that lay elsewhere would outlive the namespace, and be held by none of its rules."""
    (namespace,) = of(objects, "Namespace")

    assert {each["metadata"].get("namespace") for each in objects if each["kind"] != "Namespace"} == {namespace}
