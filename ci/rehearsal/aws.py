"""The AWS API's stand-in: moto's server, in this process."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

import httpx

from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def aws_api() -> Iterator[str]:
    """Run the AWS API's stand-in, empty, until the block ends; yield its address."""
    # Moto and what it is built on take a second to import, and log every request.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        # Moto keeps its state in this process, where an earlier rehearsal may have left some.
        httpx.post(f"{endpoint}/moto-api/reset", verify=tls_context(), trust_env=False).raise_for_status()
        yield endpoint
    finally:
        server.stop()
