"""What stands before chat-api: it goes from HTTP to HTTPS, and from certificate to certificate, where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.workspace import changes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import Deployed

SERVICE = "module.app.kubernetes_service_v1.chat_api"
# What is read of the Service's annotations when its load balancer is made, and never again.
READ_ONCE = ("type", "additional-resource-tags")


@pytest.mark.slow
def test_a_certificate_leaves_the_load_balancer_where_it_is(deployed: Deployed, tmp_path: Path) -> None:
    """One, another, none again: ports and certificate change in place, what is read but once never; no pod rolls."""
    workspace = deployed.workspace.copy(tmp_path / "terraform")
    one, another = (f"-var=certificate_arn=arn:aws:acm:us-east-1:123456789012:certificate/{name}" for name in "ab")

    for told in ([one], [another], []):
        plan = workspace.plan(*told)
        assert changes(plan) == {SERVICE: ["update"]}
        before, after = (_annotations(plan, SERVICE, when) for when in ("before", "after"))
        assert {name: before[name] for name in READ_ONCE} == {name: after[name] for name in READ_ONCE}
        assert after.get("ssl-cert") == (told[0].partition("=")[2].partition("=")[2] if told else None)
        workspace.succeed("apply", "tfplan")


def _annotations(plan: dict[str, Any], address: str, when: str) -> dict[str, str]:
    """Return what the object at ADDRESS tells its load balancer's controller WHEN, without the prefix of the names."""
    change = next(each["change"] for each in plan["resource_changes"] if each["address"] == address)
    told = change[when]["metadata"][0]["annotations"]
    return {name.partition("aws-load-balancer-")[2]: value for name, value in told.items()}
