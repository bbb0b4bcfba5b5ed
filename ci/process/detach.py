"""
Outlive `dagger run`.

It ends the program it runs ten seconds after a Ctrl-C, with a signal that
nothing survives (measured with v0.21.8), while Terraform may need minutes to
stop gracefully. So a command that changes things goes on in a process that
`dagger run` does not know, and this one only waits for it (docs/adr/0004).
"""

from __future__ import annotations

import os
import subprocess
import sys

from ci.process.signals import heard

PORT = "DAGGER_SESSION_PORT"
TOKEN = "DAGGER_SESSION_TOKEN"  # noqa: S105 - the name of a variable


def detached() -> int | None:
    """
    Run this very command line outside of a surrounding `dagger run` and return its exit code.

    Returns None, at once, where there is none to outlive.
    """
    if PORT not in os.environ:
        return None
    # Without its telemetry too, which would show on its screen what Terraform prints.
    theirs = (PORT, TOKEN, "OTEL_", "TRACEPARENT")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    workers: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def hand_on(number: int, _: object) -> None:
        for worker in workers:
            worker.send_signal(number)
        if not workers:
            early.append(number)

    # Heard before there is a worker: one that nobody can stop must not be left behind.
    with heard(hand_on):
        worker = subprocess.Popen([sys.executable, *sys.argv], env=environment, start_new_session=True)
        workers.append(worker)
        for number in early:
            worker.send_signal(number)
        code = worker.wait()
    return code if code >= 0 else 128 - code
