"""The TLS context of the pipeline's HTTP clients."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import ssl


@functools.cache
def tls_context() -> ssl.SSLContext:
    """
    Return the TLS context that all clients share: a client without one reads all certificates again, for 35 ms.

    SSL_CERT_FILE and SSL_CERT_DIR hold, as they were when it was made.
    """
    return httpx.create_ssl_context()
