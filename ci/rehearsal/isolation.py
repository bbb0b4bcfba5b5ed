"""What a rehearsal must not notice: the AWS settings and the proxies of whoever runs it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read in place of ~/.aws, by boto3 and Terraform alike.
NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
LOOPBACK = "localhost,127.0.0.1,::1"
NO_PROXY = ("NO_PROXY", "no_proxy")


@contextlib.contextmanager
def left_out() -> Iterator[None]:
    """
    Hide AWS_* and ~/.aws from this process and what it starts, and its loopback from proxies, until the block ends.

    A proxy stays for the rest: the engine may have images to fetch.
    """
    hidden = [name for name in os.environ if name.startswith("AWS_")]
    told = {name: os.environ.get(name) for name in {*hidden, *NO_FILES, *NO_PROXY}}
    direct = ",".join(filter(None, [LOOPBACK, told["no_proxy"] or told["NO_PROXY"]]))
    for name in hidden:
        del os.environ[name]
    os.environ.update({**NO_FILES, **dict.fromkeys(NO_PROXY, direct)})
    try:
        yield
    finally:
        for name, value in told.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
