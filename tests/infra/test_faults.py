"""An apply that fails or is stopped midway keeps what was made, and the next one goes on from there."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from ci.rehearsal.providers import Faults, ProviderServer
from tests.infra.workspace import changes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.workspace import Workspace

NODES = "module.eks.aws_eks_node_group.this"
CLUSTER = "module.eks.aws_eks_cluster.this"
LONGER_THAN_ANY_TEST = 600.0


def test_an_apply_that_fails_midway_keeps_what_was_made(fresh: Workspace, tmp_path: Path) -> None:
    """The state holds the cluster whose nodes failed, and once they do not, only what is missing is made."""
    with ProviderServer(faults=Faults(failing=frozenset({"aws_eks_node_group"}))) as failing:
        workspace = fresh.copy(tmp_path / "terraform", failing.addresses)
        complaint = workspace.refuse("apply", "-auto-approve")

    types = {each["type"] for each in workspace.state()["resources"]}
    workspace.addresses = fresh.addresses
    left = changes(workspace.plan())

    assert "asked to fail whenever a aws_eks_node_group is applied" in complaint
    assert "aws_eks_cluster" in types
    assert "kubernetes_deployment_v1" not in types
    assert NODES in left
    assert CLUSTER not in left


@pytest.mark.slow
def test_an_interrupt_ends_an_apply_and_keeps_what_was_made(fresh: Workspace, tmp_path: Path) -> None:
    """Terraform asks the provider to stop, saves the state and gives the lock back."""
    with ProviderServer(faults=Faults(delays={"aws_eks_cluster": LONGER_THAN_ANY_TEST})) as slow:
        workspace = fresh.copy(tmp_path / "terraform", slow.addresses)
        process = workspace.start("apply", "-auto-approve", "-json")
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "apply_start" and event["hook"]["resource"]["addr"] == CLUSTER:
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate()

    workspace.addresses = fresh.addresses
    left = changes(workspace.plan())

    assert process.returncode == 1
    assert "Terraform was stopped while a aws_eks_cluster was applied" in rest
    assert left[CLUSTER] == ["create"]
    assert "module.network.aws_vpc.this" not in left
