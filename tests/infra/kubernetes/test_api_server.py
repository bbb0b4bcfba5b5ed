"""
The plan's objects sent to a real Kubernetes API server, field by field.

Run by `nox -s cluster`; skipped, with the reason, where its two programs are not there.
It needs no cluster, no container and no root: `etcd` on PATH, and `kube-apiserver` on PATH or named by KUBE_APISERVER,
best in the version of `cluster_version` in infra/terraform/envs/demo/terraform.tfvars. Ways to both, on Linux:

- `kube-apiserver` from the Kubernetes release: https://dl.k8s.io/v1.35.4/bin/linux/amd64/kube-apiserver (other versions
  and processors alike; the file beside it that ends in .sha256 holds its digest).
  `etcd` from a distribution (Debian: `etcd-server`) or from https://github.com/etcd-io/etcd/releases.
- Both at once, on macOS too, by setup-envtest of the controller-runtime project: `go install
  sigs.k8s.io/controller-runtime/tools/setup-envtest@latest`, then `setup-envtest use -p path 1.35.x` prints the folder
  to put on PATH.
- Where only Go's module proxy can be reached: a main of ten lines that runs `app.NewAPIServerCommand()` of
  k8s.io/kubernetes/cmd/kube-apiserver/app by `cli.Run` of k8s.io/component-base/cli, with a go.mod that replaces each
  k8s.io/* of Kubernetes' own go.mod by its v0.35.x; `go mod tidy`, then `go build`, takes some minutes.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.infra.kubernetes.changes import BREAKING, KEEPING, changed, name
from tests.infra.kubernetes.cluster import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.kubernetes.cluster import Cluster
    from tests.infra.kubernetes.manifest import Manifest

pytestmark = pytest.mark.cluster

# What others need first; the rest in any order.
FIRST = ("Namespace", "Secret", "ServiceAccount")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run an API server for as long as these tests do."""
    named = os.environ.get("KUBE_APISERVER", "kube-apiserver")
    apiserver, etcd = shutil.which(named), shutil.which("etcd")
    if apiserver is None:
        pytest.skip(f"no API server: {named} is no program here; put it on PATH or set KUBE_APISERVER")
    if etcd is None:
        pytest.skip("no API server: etcd, where it keeps its objects, is not on PATH")
    with serving(apiserver, etcd, tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def created(cluster: Cluster, objects: list[Manifest]) -> dict[str, httpx.Response]:
    """Return kind and name -> the server's answer to each object of the plan."""
    ordered = sorted(objects, key=lambda each: each["kind"] not in FIRST)
    ordered.sort(key=lambda each: each["kind"] != "Namespace")
    return {f"{each['kind']} {each['metadata']['name']}": cluster.create(each) for each in ordered}


def said(response: httpx.Response) -> str:
    """Return the server's answer as one line: the status, and its message or warning where it has one."""
    message = response.json().get("message", "")
    return f"{response.status_code} {message}{response.headers.get('Warning', '')}".strip()


def test_a_field_that_the_api_does_not_know_is_refused(cluster: Cluster, pods: dict[str, Manifest]) -> None:
    """A slip in a field's name is told, so that silence below means something."""
    broken = changed(pods["db-api"], {"spec.containers.0.securityContext.runAsNonroot": True})

    answer = cluster.create({**broken, "metadata": {**broken["metadata"], "namespace": "default"}}, dry=True)

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert 'unknown field "spec.containers[0].securityContext.runAsNonroot"' in said(answer)


def test_every_object_of_the_plan_is_taken(created: dict[str, httpx.Response]) -> None:
    """Each field is known, each value valid, and the server has nothing to warn of."""
    assert {name: said(answer) for name, answer in created.items()} == dict.fromkeys(created, "201")


@pytest.mark.usefixtures("created")
def test_every_pod_of_the_plan_is_let_in(cluster: Cluster, pods: dict[str, Manifest]) -> None:
    """A Deployment is taken whatever its pods are; only the pod itself meets the namespace's rules."""
    assert {name: said(cluster.create(pod)) for name, pod in pods.items()} == dict.fromkeys(pods, "201")


@pytest.mark.usefixtures("created")
@pytest.mark.parametrize("change", [pytest.param(each, id=f"{control}: {name(each)}") for control, each in BREAKING])
def test_a_broken_pod_is_kept_out(
    cluster: Cluster, objects: list[Manifest], pods: dict[str, Manifest], change: dict[str, Any]
) -> None:
    """What the checker of fields tells, the server refuses, by the namespace's rules and no other."""
    (labels,) = (each["metadata"]["labels"] for each in objects if each["kind"] == "Namespace")
    version = labels["pod-security.kubernetes.io/enforce-version"]

    answer = cluster.create(changed(pods["db-api"], {**change, "metadata.name": "broken"}), dry=True)

    assert answer.status_code == httpx.codes.FORBIDDEN, said(answer)
    assert f'violates PodSecurity "restricted:{version}"' in said(answer)


@pytest.mark.usefixtures("created")
@pytest.mark.parametrize("change", KEEPING.values(), ids=KEEPING)
def test_what_the_checker_permits_is_let_in(
    cluster: Cluster, pods: dict[str, Manifest], change: dict[str, Any]
) -> None:
    """The checker is no laxer than the server."""
    answer = cluster.create(changed(pods["db-api"], {**change, "metadata.name": "permitted"}), dry=True)

    assert said(answer) == "201"
