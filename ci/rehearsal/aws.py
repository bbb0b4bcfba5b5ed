"""The AWS API's stand-in: moto's server, in this process."""

from __future__ import annotations

import contextlib
import logging
import threading
from typing import TYPE_CHECKING

import httpx

from ci.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator

# Seconds until a stop is noticed.
POLL = 0.05


@contextlib.contextmanager
def aws_api() -> Iterator[str]:
    """Run the AWS API's stand-in, empty, until the block ends; yield its address."""
    # Moto and what it is built on take a second to import, and log every request.
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Not moto's ThreadedMotoServer: it notices its stop after up to half a second.
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, args=(POLL,), name="aws", daemon=True)
    thread.start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        # Moto keeps its state in this process, where an earlier rehearsal may have left some.
        reset(endpoint)
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def reset(endpoint: str) -> None:
    """Empty the AWS API's stand-in at `endpoint`."""
    httpx.post(f"{endpoint}/moto-api/reset", verify=tls_context(), trust_env=False).raise_for_status()
