"""
Ports of the loopback for tests.

A server under test binds port 0 and reports the port it was given. `reserved`
is for the two cases in which nobody reports one: an address at which nobody
listens, and a server that is stopped and comes back at the same address.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def reserved() -> Iterator[int]:
    """
    Yield a port that refuses connections and is given to no other process until the block ends.

    The socket here is bound and does not listen. A server that sets SO_REUSEADDR,
    as asyncio's and Go's do, can listen on the port meanwhile, as often as it likes.
    """
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, 0))
        port: int = bound.getsockname()[1]
        yield port
