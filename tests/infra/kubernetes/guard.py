"""
Run a program for as long as standard input stays open: `guard.py SECONDS PROGRAM ARGUMENT...`.

A pipe closes with its owner, however that ends. So a program that is started this way outlives no test run that was
killed. It has SECONDS to end when told; it may end on its own, and its exit status is passed on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading


def main() -> int:
    grace, command = float(sys.argv[1]), sys.argv[2:]
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_input, args=(program, grace), daemon=True).start()
    return program.wait()


def _end_with_input(program: subprocess.Popen[bytes], grace: float) -> None:
    # Not by sys.stdin, whose lock a daemon thread would hold to the end.
    while os.read(0, 1024):
        pass
    program.terminate()
    try:
        program.wait(grace)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(main())
