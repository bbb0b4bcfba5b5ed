"""Making the state's place, and connecting Terraform to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci.errors import TerraformFailed
from ci.stages.bootstrap import bootstrap, init
from ci.terraform import backend
from ci.terraform.cli import Completed
from tests.unit.ci.scripted import ScriptedTerraform

if TYPE_CHECKING:
    from ci.aws.client import Aws

pytestmark = pytest.mark.anyio


async def test_failing_init_is_told(aws: Aws) -> None:
    """A backend that Terraform cannot use ends the run in its words."""
    tf = ScriptedTerraform(init=Completed(1, "", "Error: Failed to get existing workspaces"))

    with pytest.raises(TerraformFailed) as caught:
        await init(tf, aws)

    assert caught.value.code == "terraform_init_failed"
    assert "workspaces" in caught.value.detail


async def test_terraform_is_told_where_the_state_is(aws: Aws) -> None:
    """The bucket, table, key and region of this account and environment are init's arguments."""
    tf = ScriptedTerraform()

    await init(tf, aws)

    (arguments,) = tf.asked
    for name, value in backend.locate(aws).arguments().items():
        assert f"-backend-config={name}={value}" in arguments


async def test_what_was_made_is_told_once(aws: Aws) -> None:
    """A second run makes nothing."""
    assert len(await bootstrap(aws)) == 2
    assert await bootstrap(aws) == []
