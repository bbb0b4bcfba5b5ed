"""
What stands for the dagger CLI: it says its version and relays its session to the double in the tests' process.

Whoever kills it takes the session away, as the death of the real one does. Run with RELAY, the double's port, and
TOKEN set.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from importlib.metadata import version

CHUNK = 1 << 16


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(CHUNK):
            target.sendall(content)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def relay(listening: socket.socket, port: int) -> None:
    while True:
        client, _ = listening.accept()
        double = socket.create_connection(("127.0.0.1", port))
        for pair in ((client, double), (double, client)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def main() -> None:
    if sys.argv[1:] == ["version"]:
        sys.stdout.write(f"dagger v{version('dagger-io')}\n")
        return
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=relay, args=(listening, int(os.environ["RELAY"])), daemon=True).start()
    told = {"port": listening.getsockname()[1], "session_token": os.environ["TOKEN"]}
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    # The end of this is the end of whoever started it.
    sys.stdin.read()


if __name__ == "__main__":
    main()
