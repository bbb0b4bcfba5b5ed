"""Looking for what was changed behind Terraform's back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ci.errors import NotReady
from ci.terraform.cli import Completed

if TYPE_CHECKING:
    from tests.unit.ci.place import Place

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("checkout")]

BUCKET = "module.app.aws_s3_bucket.this"


@pytest.mark.parametrize(("code", "drifted", "found"), [(2, [], 0), (0, [], 0), (0, [BUCKET], 2), (2, [BUCKET], 2)])
async def test_drift_is_an_answer_and_no_failure(place: Place, code: int, drifted: list[str], found: int) -> None:
    """The exit code of the run is 2 where something is listed, whatever Terraform's is; nothing is applied."""
    place.released("A")
    applied = place.tf.commands.count("apply")
    listed = [{"address": each, "change": {"actions": ["delete"]}} for each in drifted]
    place.tf.answers |= {
        "plan": [Completed(code, "", "")],
        "show": [Completed(0, json.dumps({"resource_drift": listed}), "")],
    }
    pipeline = place.pipeline()

    await pipeline.drift()

    assert (pipeline.report.exit_code, pipeline.report.as_dict()["exit_code"]) == (found, found)
    assert pipeline.report.as_dict()["ok"] is True
    assert place.tf.commands.count("apply") == applied


async def test_drift_before_the_first_deploy_is_not_ready(place: Place) -> None:
    """Where nothing was deployed nothing can differ, and that is no "all is well" either."""
    with pytest.raises(NotReady) as caught:
        await place.pipeline().drift()

    assert caught.value.code == "image_missing"
