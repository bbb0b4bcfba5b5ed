"""
`ci/main.py`, but that the stand-ins of a rehearsal run elsewhere: what kills the program leaves its cloud alive.

Run as a script in a checkout, with CLOUD as `World.environment` makes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

# As ci/main.py does when it is a script.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from ci.cli.wanted import Wanted  # noqa: E402 - found by the line above
from ci.engines.base import Endpoints  # noqa: E402 - found by the line above
from ci.main import app  # noqa: E402 - found by the line above
from ci.rehearsal import command as rehearse  # noqa: E402 - found by the line above
from ci.rehearsal import processes  # noqa: E402 - found by the line above
from ci.rehearsal.cloud import CREDENTIALS, Cloud  # noqa: E402 - found by the line above
from ci.terraform import timeout as limited_terraform  # noqa: E402 - found by the line above

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Outside(Cloud):
    """The stand-ins that CLOUD tells of; `direct` is the API without what is wrong on the way to it."""

    def __enter__(self) -> Self:
        told = json.loads(os.environ["CLOUD"])
        self.endpoint, self.registry, self.providers = told["endpoint"], told["registry"], told["providers"]
        self.direct = told["direct"]
        self._ecr = self.client("ecr")
        return self

    def client(self, name: str) -> Any:
        session: Any = boto3.Session(region_name=self.region, **CREDENTIALS)
        return session.client(name, endpoint_url=self.direct, config=Config(proxies={}))


@contextlib.asynccontextmanager
async def serve(*_: object, **__: object) -> AsyncIterator[Endpoints]:
    """Lead to the chat-api that CLOUD tells of: pods outlive a run too."""
    yield Endpoints(chat_api=json.loads(os.environ["CLOUD"])["chat"])


# The same stand-ins in another place: what is on trial is all that is not one.
vars(rehearse)["Cloud"] = Outside
vars(processes)["serve"] = serve
# Terraform does not heed a graceful stop while it waits for S3, so that a minute of patience would only be waited out.
vars(limited_terraform)["GRACE"] = 1.0

if __name__ == "__main__":
    sys.exit(Wanted.call(app))
